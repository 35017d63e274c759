package io.github.wechatpayrs

import java.nio.file.Path
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.contentOrNull

/** A row of any bill, or its totals: names of columns, as they stand in the bill, and texts. */
public class BillRow internal constructor(json: JsonObject) {
    private val values: Map<String, String> = json.mapValues { (it.value as? JsonPrimitive)?.contentOrNull.orEmpty() }

    /** The text in the column, or null when the bill has no such column. */
    public operator fun get(column: String): String? = values[column]

    /**
     * An amount in yuan as whole fen; null when there is no such column or it is empty.
     *
     * Throws a [MalformedException] when the text is no amount or has a fraction of a fen (fees have: read them as text).
     */
    public fun fen(column: String): Long? {
        val text = values[column].orEmpty()
        return if (text.isEmpty()) null else nativeFen(text, column)
    }

    /** All columns in their order. */
    public fun toMap(): Map<String, String> = values

    /** Shows nothing of the content, which has the payer's identity in it. */
    override fun toString(): String = "BillRow(${values.size} columns)"
}

private fun nativeFen(yuan: String, column: String?): Long = exchange(Arguments("fen").text(yuan).option(column)).long()

/** Amounts in fen. */
public object Fen {
    /**
     * An amount in yuan as bills have it (`12.30`, `-0.01`, `0.07000`) in fen, by the rule of all languages: no float is in between.
     *
     * Throws a [MalformedException] when the text is no amount (`1e2`, `12.`, `.5` are none) or has a fraction of a fen.
     */
    @JvmStatic
    public fun ofYuan(yuan: String): Long = nativeFen(yuan, null)
}

// What stands before each part of what crosses: see `bindings-uniffi/src/jvm/bills.rs`.
private const val ROW = 1
private const val END = 2
private const val WRONG = 3

/**
 * Reads a bill file row by row; memory holds a few dozen rows of it, whatever the size of the file.
 *
 * What cannot be read is a [MalformedException]: at once when this is no bill (`BILL_HEADER` and the like) or another than was asked
 * for (`BILL_COLUMNS`); at a row that is malformed, and the next call goes on behind it; at the end when the totals are missing
 * (`BILL_CUT`) or do not fit the rows (`BILL_TOTALS`). So settle after the loop, not inside.
 */
public abstract class BillRows<R : Any> internal constructor(path: Path, kind: String) : Iterator<R>, AutoCloseable {
    private val handle: Handle

    /** Names of the columns, as the file has them. */
    public val columns: List<String>

    /** Rows that were read ahead: a crossing for each would cost more than reading it. */
    private val ahead = ArrayDeque<JsonObject>()

    /** What is wrong with the row behind those. */
    private var wrong: WeChatPayException? = null
    private var ended = false

    init {
        val opened = exchange(Arguments("new_bill").text(path.toString()).text(kind))
        handle = Handle(this, opened.long())
        columns = opened.texts()
    }

    internal abstract fun row(json: JsonObject): R

    /** The totals at the end of the bill, once all rows are read. */
    public fun summary(): BillRow? {
        val found = handle.carryOut(Arguments("summary"))
        return if (ahead.isEmpty() && found.number() == 1) BillRow(found.members()) else null
    }

    override fun hasNext(): Boolean {
        if (ahead.isEmpty() && wrong == null && !ended) readAhead()
        if (ahead.isNotEmpty()) return true
        wrong?.let {
            wrong = null
            throw it
        }
        return false
    }

    private fun readAhead() {
        val found = handle.carryOut(Arguments("next_rows"))
        var mark = found.number()
        while (mark == ROW) {
            ahead += found.members()
            mark = found.number()
        }
        if (mark == END) ended = true
        if (mark == WRONG) wrong = exceptionOf(ErrorFields.parse(found.text()))
    }

    override fun next(): R {
        if (!hasNext()) throw NoSuchElementException("the bill has no more rows")
        return row(ahead.removeFirst())
    }

    override fun close() {
        ahead.clear()
        handle.close()
    }
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
    override fun row(json: JsonObject): BillRow = BillRow(json)
}
