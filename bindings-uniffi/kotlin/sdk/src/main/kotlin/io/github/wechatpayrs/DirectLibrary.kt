package io.github.wechatpayrs

import com.sun.jna.Callback
import com.sun.jna.Native
import com.sun.jna.Pointer
import com.sun.jna.internal.Cleaner
import java.lang.ref.Reference

/** The version of the native library that this was made with. */
private const val VERSION = "0.1.0"

/** Functions of `bindings-uniffi/src/jvm`. */
@Suppress("FunctionName")
internal object DirectLibrary {
    init {
        Native.register(DirectLibrary::class.java, System.getProperty("io.github.wechatpayrs.library") ?: "wechatpay_uniffi")
        val found = carryOut(0, Arguments("version"), null).text()
        if (found != VERSION) throw UnsatisfiedLinkError("it has version $found, and $VERSION is needed")
    }

    external fun wechatpay_jvm_call(thing: Long, input: ByteArray, length: Int): Long

    external fun wechatpay_jvm_call_with_progress(thing: Long, input: ByteArray, length: Int, progress: ProgressCallback): Long

    external fun wechatpay_jvm_free(block: Long)

    external fun wechatpay_jvm_forget(thing: Long)

    external fun wechatpay_jvm_ask_signers_by(question: SignerQuestion)

    external fun wechatpay_jvm_open_call(): Long

    external fun wechatpay_jvm_close_call(number: Long)

    /** One array in, one block of memory out. */
    fun carryOut(thing: Long, arguments: Arguments, progress: ProgressCallback?): Results {
        val block = if (progress == null) {
            wechatpay_jvm_call(thing, arguments.bytes, arguments.size)
        } else {
            wechatpay_jvm_call_with_progress(thing, arguments.bytes, arguments.size, progress)
        }
        val results = try {
            val pointer = Pointer(block)
            Results(pointer.getByteArray(4, pointer.getInt(0)))
        } finally {
            wechatpay_jvm_free(block)
        }
        if (results.number() != 0) throw exceptionOf(ErrorFields.parse(results.text()))
        return results
    }
}

/** Is told of a download by native code; must throw nothing. */
internal fun interface ProgressCallback : Callback {
    fun progress(received: Long, total: Long)
}

/** A function that needs neither client nor bill. */
internal fun exchange(arguments: Arguments): Results = native { DirectLibrary.carryOut(0, arguments, null) }

/** A client or a bill in native code, which lets go of it when this is closed, or else when the collector takes the owner. */
internal class Handle(owner: Any, private val number: Long) : AutoCloseable {
    private val cleanable = Cleaner.getCleaner().register(owner, Forget(number))

    @Volatile
    private var closed = false

    fun carryOut(arguments: Arguments, progress: ProgressCallback? = null): Results = try {
        if (closed) throw exceptionOf(ErrorFields(ErrorKind.CLOSED, "CLOSED", "This was closed. Make a new one, or close it later."))
        native { DirectLibrary.carryOut(number, arguments, progress) }
    } finally {
        // Or the collector could take them while native code has the number, or calls back.
        Reference.reachabilityFence(this)
        Reference.reachabilityFence(progress)
    }

    override fun close() {
        closed = true
        cleanable.clean()
    }

    /** Must not know the owner, who would be kept by it. */
    private class Forget(private val number: Long) : Runnable {
        override fun run(): Unit = DirectLibrary.wechatpay_jvm_forget(number)
    }
}
