import io.github.wechatpayrs.Client
import io.github.wechatpayrs.Notification
import io.github.wechatpayrs.coroutines.suspending
import io.github.wechatpayrs.junit5.Sandbox
import io.github.wechatpayrs.junit5.WithSandbox
import io.github.wechatpayrs.payments.Amount
import io.github.wechatpayrs.payments.Transaction
import io.github.wechatpayrs.payments.jsapi.JsapiPayer
import io.github.wechatpayrs.payments.jsapi.PrepayRequest
import io.ktor.server.cio.CIO
import io.ktor.server.engine.embeddedServer
import java.util.concurrent.LinkedBlockingQueue
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

@WithSandbox
class NotificationsTest {
    @Test
    fun `a payment reaches the service, and a forged one does not`(sandbox: Sandbox, client: Client): Unit = runBlocking {
        val taken = LinkedBlockingQueue<Notification>()
        val pay = client.suspending()
        val server = embeddedServer(CIO, port = 0, host = "127.0.0.1") {
            notifications(pay) { (it.resource is Transaction).also { known -> if (known) taken += it } }
        }.startSuspend()
        try {
            val url = "http://127.0.0.1:${server.engine.resolvedConnectors().first().port}/wechatpay/notify"
            pay.payments.jsapi.prepay(
                PrepayRequest(
                    appid = sandbox.appid, description = "tea", out_trade_no = "KTOR-1", notify_url = url,
                    amount = Amount(total = 100), payer = JsapiPayer(openid = sandbox.openid),
                ),
            )
            sandbox.control("POST", "/sandbox/faults", """{"match":{"notification":"*"},"fault":{"signature":"altered"}}""")
            sandbox.control("POST", "/sandbox/pay/KTOR-1", "{}")
            val refused = sandbox.control("GET", "/sandbox/notifications?wait=true").toString()
            assertTrue("\"refused\"" in refused, refused)
            assertTrue(taken.isEmpty())

            val id = Regex("\"id\":\"([0-9a-f-]{36})\"").find(refused)!!.groupValues[1]
            sandbox.control("POST", "/sandbox/notifications/$id/resend", "{}")
            val sent = sandbox.control("GET", "/sandbox/notifications?wait=true").toString()
            assertTrue("\"acknowledged\"" in sent, sent)
            assertEquals("KTOR-1", (taken.single().resource as Transaction).out_trade_no)
            // A combined order's notice has the same event and original type, and is about orders that this service does not know.
            sandbox.control(
                "POST", "/sandbox/notifications",
                """{"notify_url":"$url","event_type":"TRANSACTION.SUCCESS","original_type":"transaction","resource":{"combine_out_trade_no":"KTOR-2"}}""",
            )
            val unknown = sandbox.control("GET", "/sandbox/notifications?wait=true").toString()
            assertTrue("HANDLER_FAILED" in unknown || "500" in unknown, unknown)
            assertEquals(1, taken.size)
        } finally {
            server.stopSuspend(0, 0)
        }
    }
}
