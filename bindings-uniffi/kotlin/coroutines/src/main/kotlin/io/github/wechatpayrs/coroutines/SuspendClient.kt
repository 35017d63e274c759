package io.github.wechatpayrs.coroutines

import io.github.wechatpayrs.Client
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.suspendCancellableCoroutine

/** Calls run here: beside the threads of `Dispatchers.IO`, not instead of them, and never more than 64 at once. */
@OptIn(ExperimentalCoroutinesApi::class)
private val calls: CoroutineDispatcher = Dispatchers.IO.limitedParallelism(64, "wechatpay")

/**
 * The typed operations of a [Client], suspending: `SuspendClient(client).payments.jsapi.prepay(…)`.
 *
 * A call never blocks the caller's dispatcher. When the coroutine is cancelled (`withTimeout`), it goes on at once, and its call is given
 * up: nothing more is sent. What had been sent is not taken back: the `CancellationException` has the call's `WeChatPayException`
 * among its `suppressed`, whose `outcomeUnknown` says whether to query.
 */
public class SuspendClient(
    /** For everything that has no suspending variant. */
    public val client: Client,
) : SuspendProducts(client) {
    /** Runs any blocking call of the [client] without blocking the caller's dispatcher. */
    public suspend fun <T> run(call: Client.() -> T): T = detached { client.call() }
}

/** The same client, suspending. */
public fun Client.suspending(): SuspendClient = SuspendClient(this)

internal suspend fun <T> detached(call: () -> T): T = suspendCancellableCoroutine { continuation ->
    val worker = Worker()
    continuation.invokeOnCancellation { cause -> worker.giveUp(cause) }
    calls.dispatch(continuation.context) {
        if (!worker.begin()) return@dispatch
        val result = runCatching(call)
        worker.end()
        result.fold(continuation::resume, continuation::resumeWithException)
    }
}

/** The thread that works for one call. */
private class Worker {
    private var thread: Thread? = null
    private var givenUp = false

    /** False when the call was given up while it waited for a thread: nothing was sent, and nothing will be. */
    @Synchronized
    fun begin(): Boolean {
        if (!givenUp) thread = Thread.currentThread()
        return !givenUp
    }

    /** After this the thread is the pool's again, and not interrupted any more. */
    @Synchronized
    fun end() {
        thread = null
        Thread.interrupted()
    }

    @Synchronized
    fun giveUp(cause: Throwable?) {
        givenUp = true
        val thread = thread ?: return
        val error = Client.giveUp(thread)
        if (error != null) cause?.addSuppressed(error)
        // For a call that has not begun to wait yet, or comes after this one.
        thread.interrupt()
    }
}
