package io.github.wechatpayrs

import com.sun.jna.Callback
import com.sun.jna.Pointer
import com.sun.jna.internal.Cleaner
import java.lang.ref.WeakReference
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicLong

/** What the signer of a call throws, until the call has an error to be the cause of. Both are on one thread. */
internal val THROWN_BY_SIGNER = ThreadLocal<Throwable>()

/**
 * Signers by number. Native code asks one function for all of them, which is never collected: so that none is called when it is gone.
 * A signer is kept by its client.
 */
internal object Signers {
    private val known = ConcurrentHashMap<Long, WeakReference<Signer>>()
    private val last = AtomicLong()

    private val question = SignerQuestion { number, decrypt, input, length ->
        THROWN_BY_SIGNER.remove()
        // An exception must not travel through Rust.
        val answer = try {
            val signer = checkNotNull(known[number]?.get()) { "the client of this signer is gone" }
            val bytes = input.getByteArray(0, length)
            Arguments("signer_answers").number(1).bytes(if (decrypt == 0) signer.sign(bytes) else signer.decrypt(bytes))
        } catch (error: Throwable) {
            THROWN_BY_SIGNER.set(error)
            Arguments("signer_answers").number(0).bytes((error.message ?: error.javaClass.simpleName).toByteArray())
        }
        DirectLibrary.carryOut(0, answer, null)
    }

    init {
        DirectLibrary.wechatpay_jvm_ask_signers_by(question)
    }

    /** A number for the signer, until [owner] is collected. */
    fun keep(owner: Any, signer: Signer): Long {
        val number = last.incrementAndGet()
        known[number] = WeakReference(signer)
        Cleaner.getCleaner().register(owner, Forget(number))
        return number
    }

    private class Forget(private val number: Long) : Runnable {
        override fun run() {
            known.remove(number)
        }
    }
}

/** Native code asks the signer of this number to sign, or to decrypt; must throw nothing. */
internal fun interface SignerQuestion : Callback {
    fun ask(signer: Long, decrypt: Int, input: Pointer, length: Int)
}
