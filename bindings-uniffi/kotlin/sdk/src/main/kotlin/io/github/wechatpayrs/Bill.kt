package io.github.wechatpayrs

import io.github.wechatpayrs.ffi.NativeBill
import java.math.BigDecimal
import java.nio.file.Path
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.contentOrNull

/** A row of a bill: names of columns, as they stand in the bill, and texts. */
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
        val text = values[column]?.trim().orEmpty()
        if (text.isEmpty()) return null
        val yuan = text.toBigDecimalOrNull() ?: throw malformed("NOT_AN_AMOUNT", "$column: \"$text\" is not an amount in yuan.")
        return try {
            yuan.multiply(HUNDRED).longValueExact()
        } catch (_: ArithmeticException) {
            throw malformed("NOT_WHOLE_FEN", "$column: $text yuan are not a whole number of fen. Read the column as text.")
        }
    }

    /** All columns in their order. */
    public fun toMap(): Map<String, String> = values

    /** Shows nothing of the content, which has the payer's identity in it. */
    override fun toString(): String = "BillRow(${values.size} columns)"

    private companion object {
        val HUNDRED: BigDecimal = BigDecimal.valueOf(100)

        fun malformed(code: String, message: String) = exceptionOf(ErrorFields(ErrorKind.MALFORMED, code, message))
    }
}

/**
 * Reads a bill file row by row; memory holds one row of it, whatever the size of the file.
 *
 * ```
 * BillReader(path).use { bill -> for (row in bill) println(row["商户订单号"]) }
 * ```
 */
public class BillReader(path: Path) : Iterator<BillRow>, AutoCloseable {
    private val bill: NativeBill = native { NativeBill(path.toString()) }
    private var next: String? = null

    /** Names of the columns. */
    public val columns: List<String> = native { bill.columns() }

    /** The totals at the end of the bill, once all rows are read. */
    public fun summary(): BillRow? = native { bill.summary() }?.let(::BillRow)

    override fun hasNext(): Boolean {
        if (next == null) next = native { bill.nextRow() }
        return next != null
    }

    override fun next(): BillRow {
        if (!hasNext()) throw NoSuchElementException("the bill has no more rows")
        return BillRow(next.orEmpty()).also { next = null }
    }

    override fun close(): Unit = bill.close()
}
