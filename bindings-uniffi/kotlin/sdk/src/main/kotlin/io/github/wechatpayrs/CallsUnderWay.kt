package io.github.wechatpayrs

import java.util.concurrent.ConcurrentHashMap

/**
 * Calls that threads wait for. Native code does not hear of an interruption, so while calls are under way one thread looks for
 * threads that were interrupted, and gives their calls up.
 */
internal object CallsUnderWay {
    private const val LOOK_EVERY_MILLIS = 50L

    /** Without calls for so many looks, nobody looks any more. */
    private const val IDLE_LOOKS = 100

    private val numbers = ConcurrentHashMap<Thread, Long>()
    private val lock = Any()
    private var looking = false

    /** Runs a call that waits for the network; `call` gets its number. */
    fun <T> run(call: (Long) -> T): T {
        val thread = Thread.currentThread()
        // A listener of a download may make calls while the download waits for it.
        val outer = numbers[thread]
        val number = begin(thread)
        try {
            return call(number)
        } finally {
            if (outer == null) numbers.remove(thread) else numbers[thread] = outer
            DirectLibrary.wechatpay_jvm_close_call(number)
        }
    }

    /** Gives up what the thread waits for. Null when it waits for nothing. */
    fun giveUp(thread: Thread): WeChatPayException? = numbers[thread]?.let(::giveUp)

    private fun giveUp(number: Long): WeChatPayException? =
        exchange(Arguments("give_up_call").long(number)).option()?.let { exceptionOf(ErrorFields.parse(it)) }

    private fun begin(thread: Thread): Long {
        val number = native { DirectLibrary.wechatpay_jvm_open_call() }
        if (thread.isInterrupted) {
            // As every method of Java that waits: not begun, and the flag stays.
            val error = giveUp(number)
            DirectLibrary.wechatpay_jvm_close_call(number)
            throw error ?: IllegalStateException("a call has no number")
        }
        numbers[thread] = number
        synchronized(lock) {
            if (!looking) {
                looking = true
                Thread(::look, "wechatpay-interruptions").apply { isDaemon = true }.start()
            }
        }
        return number
    }

    private fun look() {
        var idle = 0
        while (true) {
            Thread.sleep(LOOK_EVERY_MILLIS)
            for ((thread, number) in numbers) if (thread.isInterrupted) runCatching { giveUp(number) }
            idle = if (numbers.isEmpty()) idle + 1 else 0
            if (idle > IDLE_LOOKS) {
                synchronized(lock) {
                    if (numbers.isEmpty()) {
                        looking = false
                        return
                    }
                }
            }
        }
    }
}
