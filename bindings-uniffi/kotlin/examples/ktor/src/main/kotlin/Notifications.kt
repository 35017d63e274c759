import io.github.wechatpayrs.Notification
import io.github.wechatpayrs.WeChatPayException
import io.github.wechatpayrs.coroutines.SuspendClient
import io.ktor.http.HttpStatusCode
import io.ktor.server.application.Application
import io.ktor.server.request.receiveChannel
import io.ktor.server.response.respond
import io.ktor.server.routing.post
import io.ktor.server.routing.routing
import io.ktor.utils.io.readRemaining
import kotlinx.io.readByteArray

/**
 * `POST /wechatpay/notify`: raw bytes and headers go to the client. WeChat Pay wants its answer within five seconds, so [take]
 * should only write the notification down; the same one may come several times.
 */
fun Application.notifications(pay: SuspendClient, take: suspend (Notification) -> Unit) {
    routing {
        post("/wechatpay/notify") {
            // The body as it came: what a JSON plugin has parsed and written again has another signature.
            val body = call.receiveChannel().readRemaining().readByteArray()
            val headers = call.request.headers.entries().associate { (name, values) -> name to values.first() }
            val notification = try {
                pay.run { parseNotification(headers, body) }
            } catch (error: WeChatPayException) {
                // Not from WeChat Pay, or altered, or old: the message says which.
                this@notifications.environment.log.warn("notification refused: {}", error.message)
                return@post call.respond(HttpStatusCode.Unauthorized)
            }
            take(notification)
            call.respond(HttpStatusCode.NoContent)
        }
    }
}
