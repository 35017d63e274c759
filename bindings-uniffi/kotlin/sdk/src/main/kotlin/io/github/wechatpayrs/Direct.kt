package io.github.wechatpayrs

import com.sun.jna.Native
import com.sun.jna.Pointer
import io.github.wechatpayrs.ffi.NativeClient
import io.github.wechatpayrs.ffi.Notice
import java.lang.ref.Reference

/**
 * The short way into Rust, for the calls that a busy service makes all day: one array in, one block of memory out. uniffi's glue
 * makes a JNA structure for every text, and a cleaner for each. `bindings-uniffi/src/jvm.rs` is the other side.
 */
internal class Direct(private val client: NativeClient) {
    private val number: Long = client.number().toLong()

    fun call(operation: String, params: String): Answered = CallsUnderWay.run { Answered(exchange(Arguments("call", it).text(operation).text(params))) }

    fun request(method: String, pathAndQuery: String, body: String?): Answered =
        CallsUnderWay.run { Answered(exchange(Arguments("request", it).text(method).text(pathAndQuery).option(body))) }

    fun prepare(operation: String, params: String): SignedRequest {
        val result = exchange(Arguments("prepare").text(operation).text(params))
        return SignedRequest(result.text(), result.text(), result.texts(), result.bytes())
    }

    fun finish(operation: String, status: Int, headers: Map<String, String>, body: ByteArray): Answered =
        Answered(exchange(Arguments("finish").text(operation).number(status).texts(headers).bytes(body)))

    fun parseNotification(headers: List<Pair<String, String>>, body: ByteArray): Notice {
        // It may have to download certificates first.
        val result = CallsUnderWay.run { exchange(Arguments("parse_notification", it).texts(headers).bytes(body)) }
        return Notice(
            id = result.text(), createTime = result.text(), eventType = result.text(), resourceType = result.text(),
            summary = result.text(), originalType = result.text(), associatedData = result.text(), serial = result.text(),
            kind = result.option(), resource = result.text(),
        )
    }

    private fun exchange(arguments: Arguments): Results = try {
        val block = DirectLibrary.wechatpay_jvm_call(number, arguments.bytes, arguments.size)
        val results = try {
            val pointer = Pointer(block)
            Results(pointer.getByteArray(4, pointer.getInt(0)))
        } finally {
            DirectLibrary.wechatpay_jvm_free(block)
        }
        if (results.number() != 0) throw exceptionOf(ErrorFields.parse(results.text()))
        results
    } finally {
        // Or the collector could take the client, and with it the number, before the call has begun.
        Reference.reachabilityFence(client)
    }
}

/** A verified answer. */
internal class Answered(val json: String, val requestId: String?) {
    constructor(results: Results) : this(results.text(), results.option())
}

@Suppress("FunctionName")
internal object DirectLibrary {
    init {
        // The same file that uniffi's glue loads.
        Native.register(DirectLibrary::class.java, System.getProperty("uniffi.component.wechatpay_uniffi.libraryOverride") ?: "wechatpay_uniffi")
    }

    external fun wechatpay_jvm_call(client: Long, input: ByteArray, length: Int): Long

    external fun wechatpay_jvm_free(block: Long)

    external fun wechatpay_jvm_open_call(): Long

    external fun wechatpay_jvm_close_call(number: Long)
}

/** Numbers with four bytes, the highest first; texts and bytes after their length. */
internal class Arguments(function: String, call: Long = 0) {
    var bytes: ByteArray = ByteArray(1024)
        private set
    var size: Int = 0
        private set

    init {
        text(function)
        number((call ushr 32).toInt())
        number(call.toInt())
    }

    private fun reserve(more: Int) {
        if (bytes.size - size < more) bytes = bytes.copyOf(maxOf(bytes.size * 2, Math.addExact(size, more)))
    }

    fun number(number: Int): Arguments = apply {
        reserve(4)
        for (shift in intArrayOf(24, 16, 8, 0)) bytes[size++] = (number ushr shift).toByte()
    }

    fun bytes(value: ByteArray): Arguments = apply {
        number(value.size)
        reserve(value.size)
        value.copyInto(bytes, size)
        size += value.size
    }

    /** Half of a surrogate pair is no character: that is refused, not replaced. */
    fun text(value: String): Arguments =
        bytes(if (value.any(Char::isSurrogate)) value.encodeToByteArray(throwOnInvalidSequence = true) else value.encodeToByteArray())

    fun option(value: String?): Arguments = if (value == null) number(0) else number(1).text(value)

    fun texts(values: List<Pair<String, String>>): Arguments = apply {
        number(values.size)
        for ((name, value) in values) text(name).text(value)
    }

    fun texts(values: Map<String, String>): Arguments = texts(values.toList())
}

/** The same, read. */
internal class Results(private val bytes: ByteArray) {
    private var at = 0

    fun number(): Int {
        var number = 0
        repeat(4) { number = (number shl 8) or (bytes[at++].toInt() and 0xFF) }
        return number
    }

    fun bytes(): ByteArray {
        val length = number()
        return bytes.copyOfRange(at, at + length).also { at += length }
    }

    fun text(): String {
        val length = number()
        return String(bytes, at, length, Charsets.UTF_8).also { at += length }
    }

    fun option(): String? = if (number() == 0) null else text()

    fun texts(): Map<String, String> {
        val values = LinkedHashMap<String, String>()
        repeat(number()) { values[text()] = text() }
        return values
    }
}
