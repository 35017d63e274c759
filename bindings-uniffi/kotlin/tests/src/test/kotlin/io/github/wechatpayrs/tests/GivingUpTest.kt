package io.github.wechatpayrs.tests

import io.github.wechatpayrs.Client
import io.github.wechatpayrs.TimeoutException
import io.github.wechatpayrs.WeChatPayException
import io.github.wechatpayrs.coroutines.suspending
import io.github.wechatpayrs.junit5.Sandbox
import io.github.wechatpayrs.junit5.WithSandbox
import java.time.Duration
import java.util.concurrent.CompletableFuture
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** What a call leaves behind that its caller gave up: nothing more is sent, and the error knows what had been. */
@WithSandbox
class GivingUpTest {
    private val operation = "busifavor.subsidies.pay"

    private val subsidy = """{"stock_id":"128888000000001","coupon_code":"ABCD12345678","transaction_id":"4200000913202101152566792388",
        "payer_merchant":"1900000001","payee_merchant":"1900000002","amount":100,"description":"tea","out_subsidy_no":"SUBSIDY-1"}"""

    /** A client that a test could not wait for, were its calls not given up. */
    private fun patient(sandbox: Sandbox): Client = sandbox.clientBuilder()
        .timeout(Duration.ofHours(20)).readTimeout(Duration.ofHours(20)).retries(2).build()

    private fun hold(sandbox: Sandbox) {
        sandbox.control("POST", "/sandbox/faults", """{"match":{"operation":"$operation","count":null},"fault":{"hold":"gate","hold_at":"request"}}""")
    }

    private fun arrived(sandbox: Sandbox): Int =
        sandbox.control("GET", "/sandbox/requests?operation=$operation").jsonObject.getValue("requests").jsonArray.size

    private fun waitForRequest(sandbox: Sandbox) {
        while (arrived(sandbox) == 0) Thread.onSpinWait()
    }

    @Test
    fun `an interrupted thread gives its call up`(sandbox: Sandbox): Unit = patient(sandbox).use { client ->
        hold(sandbox)
        val ended = CompletableFuture<Pair<Throwable?, Boolean>>()
        val thread = Thread {
            val error = runCatching { client.call(operation, subsidy) }.exceptionOrNull()
            ended.complete(error to Thread.currentThread().isInterrupted)
        }
        thread.start()
        waitForRequest(sandbox)
        thread.interrupt()
        val (error, interrupted) = ended.get()
        error as TimeoutException
        assertEquals("ABORTED", error.code)
        assertTrue(error.outcomeUnknown && "list_pay_receipts" in error.message!!, error.message)
        assertTrue(interrupted, "the flag stays for whoever looks at it next")
        thread.join()
        sandbox.control("POST", "/sandbox/release/gate", "{}")
        client.call("security.echo", """{"echo_message":"the client goes on"}""")
        assertEquals(1, arrived(sandbox))
    }

    @Test
    fun `a thread that was interrupted before sends nothing`(sandbox: Sandbox): Unit = patient(sandbox).use { client ->
        Thread.currentThread().interrupt()
        val error = assertThrows(TimeoutException::class.java) { client.call(operation, subsidy) }
        assertTrue(Thread.interrupted(), "the flag stays, until this test takes it away")
        assertFalse(error.outcomeUnknown)
        assertEquals(0, arrived(sandbox))
    }

    @Test
    fun `another thread gives a call up and is told what that leaves behind`(sandbox: Sandbox): Unit = patient(sandbox).use { client ->
        hold(sandbox)
        val ended = CompletableFuture<Throwable?>()
        val thread = Thread { ended.complete(runCatching { client.call(operation, subsidy) }.exceptionOrNull()) }
        assertNull(Client.giveUp(thread), "it has not begun")
        thread.start()
        waitForRequest(sandbox)
        assertTrue(Client.giveUp(thread)!!.outcomeUnknown)
        assertEquals("ABORTED", (ended.get() as WeChatPayException).code)
        sandbox.control("POST", "/sandbox/release/gate", "{}")
        assertEquals(1, arrived(sandbox))
    }

    @Test
    fun `a cancelled coroutine gives its call up`(sandbox: Sandbox): Unit = patient(sandbox).use { client ->
        runBlocking {
            hold(sandbox)
            val pay = client.suspending()
            val held = async(start = CoroutineStart.UNDISPATCHED) { pay.run { call(operation, subsidy) } }
            waitForRequest(sandbox)
            val cause = CancellationException("nobody waits any more")
            held.cancel(cause)
            held.join()
            val error = cause.suppressed.single() as WeChatPayException
            assertTrue(error.code == "ABORTED" && error.outcomeUnknown, error.message)
            sandbox.control("POST", "/sandbox/release/gate", "{}")
            // The thread that was interrupted serves the next call as ever.
            repeat(3) { pay.run { call("security.echo", """{"echo_message":"again"}""") } }
            assertEquals(1, arrived(sandbox))
        }
    }
}
