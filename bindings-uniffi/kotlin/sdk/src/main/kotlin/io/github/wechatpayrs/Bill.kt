package io.github.wechatpayrs

import io.github.wechatpayrs.ffi.NativeBill
import io.github.wechatpayrs.ffi.fen as nativeFen
import java.nio.file.Path
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.contentOrNull

/** A row of any bill, or its totals: names of columns, as they stand in the bill, and texts. */
public class BillRow internal constructor(json: String) {
    private val values: Map<String, String> =
        (JSON.parseToJsonElement(json) as? JsonObject).orEmpty().mapValues { (it.value as? JsonPrimitive)?.contentOrNull.orEmpty() }

    /** The text in the column, or null when the bill has no such column. */
    public operator fun get(column: String): String? = values[column]

    /**
     * An amount in yuan as whole fen; null when there is no such column or it is empty.
     *
     * Throws a [MalformedException] when the text is no amount or has a fraction of a fen (fees have: read them as text).
     */
    public fun fen(column: String): Long? {
        val text = values[column].orEmpty()
        return if (text.isEmpty()) null else native { nativeFen(text, column) }
    }

    /** All columns in their order. */
    public fun toMap(): Map<String, String> = values

    /** Shows nothing of the content, which has the payer's identity in it. */
    override fun toString(): String = "BillRow(${values.size} columns)"
}

/** Amounts in fen. */
public object Fen {
    /**
     * An amount in yuan as bills have it (`12.30`, `-0.01`, `0.07000`) in fen, by the rule of all languages: no float is in between.
     *
     * Throws a [MalformedException] when the text is no amount (`1e2`, `12.`, `.5` are none) or has a fraction of a fen.
     */
    @JvmStatic
    public fun ofYuan(yuan: String): Long = native { nativeFen(yuan, null) }
}

/**
 * Reads a bill file row by row; memory holds one row of it, whatever the size of the file.
 *
 * What cannot be read is a [MalformedException]: at once when this is no bill (`BILL_HEADER` and the like) or another than was asked
 * for (`BILL_COLUMNS`); at a row that is malformed, and the next call goes on behind it; at the end when the totals are missing
 * (`BILL_CUT`) or do not fit the rows (`BILL_TOTALS`). So settle after the loop, not inside.
 */
public abstract class BillRows<R : Any> internal constructor(path: Path, kind: String) : Iterator<R>, AutoCloseable {
    private val bill: NativeBill = native { NativeBill(path.toString(), kind) }
    private var next: String? = null

    internal abstract fun row(json: String): R

    /** Names of the columns, as the file has them. */
    public val columns: List<String> = native { bill.columns() }

    /** The totals at the end of the bill, once all rows are read. */
    public fun summary(): BillRow? = native { bill.summary() }?.let(::BillRow)

    override fun hasNext(): Boolean {
        if (next == null) next = native { bill.nextRow() }
        return next != null
    }

    override fun next(): R {
        if (!hasNext()) throw NoSuchElementException("the bill has no more rows")
        return row(next.orEmpty()).also { next = null }
    }

    override fun close(): Unit = bill.close()
}

/**
 * Any bill, by the names of its own columns.
 *
 * Without [totals] the closing totals are neither demanded nor compared, and a file that was cut is not noticed: for files without
 * totals, or to look into one whose totals are wrong.
 *
 * ```
 * BillReader(path).use { bill -> for (row in bill) println(row["商户订单号"]) }
 * ```
 */
public class BillReader @JvmOverloads constructor(path: Path, totals: Boolean = true) :
    BillRows<BillRow>(path, if (totals) "any" else "without_totals") {
    override fun row(json: String): BillRow = BillRow(json)
}

/**
 * A trade bill, of any `bill_type`.
 *
 * ```
 * TradeBillReader(path).use { bill -> for (row in bill) println("${row.out_trade_no}: ${row.total} fen") }
 * ```
 */
public class TradeBillReader(path: Path) : BillRows<TradeBillRow>(path, "trade") {
    override fun row(json: String): TradeBillRow = JSON.decodeFromString(TradeBillRow.serializer(), json)
}

/** A fund-flow bill, of any account. */
public class FundFlowBillReader(path: Path) : BillRows<FundFlowBillRow>(path, "fund_flow") {
    override fun row(json: String): FundFlowBillRow = JSON.decodeFromString(FundFlowBillRow.serializer(), json)
}
