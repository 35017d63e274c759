// What crosses into Rust and back: numbers with four or eight bytes, the highest first; texts and bytes after their length.
// `bindings-uniffi/src/jvm/frame.rs` is the other side.

package io.github.wechatpayrs

import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/** The name of a function and its arguments. */
internal class Arguments(function: String) {
    var bytes: ByteArray = ByteArray(1024)
        private set
    var size: Int = 0
        private set

    init {
        text(function)
    }

    private fun reserve(more: Int) {
        if (bytes.size - size < more) bytes = bytes.copyOf(maxOf(bytes.size * 2, Math.addExact(size, more)))
    }

    fun number(number: Int): Arguments = apply {
        reserve(4)
        for (shift in intArrayOf(24, 16, 8, 0)) bytes[size++] = (number ushr shift).toByte()
    }

    fun long(number: Long): Arguments = number((number ushr 32).toInt()).number(number.toInt())

    fun bytes(value: ByteArray): Arguments = apply {
        number(value.size)
        reserve(value.size)
        value.copyInto(bytes, size)
        size += value.size
    }

    /** Half of a surrogate pair is no character: that is refused, not replaced. */
    fun text(value: String): Arguments = try {
        bytes(if (value.any(Char::isSurrogate)) value.encodeToByteArray(throwOnInvalidSequence = true) else value.encodeToByteArray())
    } catch (error: CharacterCodingException) {
        throw invalidRequest("UNSUPPORTED_CHARACTER", "A text is not valid Unicode: it holds half of a surrogate pair.").initCause(error)
    }

    fun option(value: String?): Arguments = if (value == null) number(0) else number(1).text(value)

    fun texts(values: Collection<String>): Arguments = apply {
        number(values.size)
        for (value in values) text(value)
    }

    fun pairs(values: Collection<Pair<String, String>>): Arguments = apply {
        number(values.size)
        for ((name, value) in values) text(name).text(value)
    }

    fun pairs(values: Map<String, String>): Arguments = pairs(values.toList())
}

/** What came back. */
internal class Results(private val bytes: ByteArray) {
    private var at = 0

    fun number(): Int {
        var number = 0
        repeat(4) { number = (number shl 8) or (bytes[at++].toInt() and 0xFF) }
        return number
    }

    fun long(): Long = (number().toLong() shl 32) or (number().toLong() and 0xFFFF_FFFF)

    fun bytes(): ByteArray {
        val length = number()
        return bytes.copyOfRange(at, at + length).also { at += length }
    }

    fun text(): String {
        val length = number()
        return String(bytes, at, length, Charsets.UTF_8).also { at += length }
    }

    fun option(): String? = if (number() == 0) null else text()

    fun texts(): List<String> = List(number()) { text() }

    fun pairs(): Map<String, String> {
        val values = LinkedHashMap<String, String>()
        repeat(number()) { values[text()] = text() }
        return values
    }

    /** A flat object: texts, whole numbers and nothing. */
    fun members(): JsonObject {
        val members = LinkedHashMap<String, JsonElement>()
        repeat(number()) {
            val name = text()
            members[name] = when (number()) {
                0 -> JsonNull
                1 -> JsonPrimitive(text())
                else -> JsonPrimitive(long())
            }
        }
        return JsonObject(members)
    }
}
