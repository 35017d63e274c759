import io.github.wechatpayrs.Notification
import io.github.wechatpayrs.NotificationReply
import io.github.wechatpayrs.WeChatPayException
import io.github.wechatpayrs.coroutines.SuspendClient
import io.ktor.http.ContentType
import io.ktor.http.HttpStatusCode
import io.ktor.server.application.Application
import io.ktor.server.request.receiveChannel
import io.ktor.server.response.respondText
import io.ktor.server.routing.post
import io.ktor.server.routing.routing
import io.ktor.utils.io.readRemaining
import kotlinx.io.readByteArray

/**
 * `POST /wechatpay/notify`: raw bytes and headers go to the client. WeChat Pay wants its answer within five seconds, so [take]
 * should only write the notification down; the same one may come several times. It tells whether it did: what it does not understand
 * (another type, an order that it does not know) is not acknowledged, and comes again until somebody has looked.
 */
fun Application.notifications(pay: SuspendClient, take: suspend (Notification) -> Boolean) {
    routing {
        post("/wechatpay/notify") {
            // The body as it came: what a JSON plugin has parsed and written again has another signature.
            val body = call.receiveChannel().readRemaining(NotificationReply.maxBytes + 1L).readByteArray()
            val headers = call.request.headers.entries().associate { (name, values) -> name to values.first() }
            val reply = try {
                if (body.size > NotificationReply.maxBytes) throw NotificationReply.tooLarge()
                val notification = pay.run { parseNotification(headers, body) }
                if (take(notification)) NotificationReply.accepted() else NotificationReply.handlerFailed()
            } catch (error: WeChatPayException) {
                // Not from WeChat Pay, or altered, or old: the message says which.
                this@notifications.environment.log.warn("notification refused: {}", error.message)
                error.notificationReply
            }
            call.respondText(reply.body, ContentType.Application.Json, HttpStatusCode.fromValue(reply.status))
        }
    }
}
