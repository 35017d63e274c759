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
 * A call never blocks the caller's dispatcher. When the coroutine is cancelled (`withTimeout`), it goes on at once, and
 * the request that is under way is not taken back: its outcome is unknown, so query.
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
    calls.dispatch(continuation.context) {
        // Cancelled while it waited for a thread: nothing was sent, and nothing will be.
        if (!continuation.isActive) return@dispatch
        try {
            continuation.resume(call())
        } catch (error: Throwable) {
            continuation.resumeWithException(error)
        }
    }
}
