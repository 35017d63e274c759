package io.github.wechatpayrs

import io.github.wechatpayrs.ffi.Reply
import io.github.wechatpayrs.ffi.notificationRules
import io.github.wechatpayrs.ffi.notificationTooLarge
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.intOrNull

/**
 * What WeChat Pay is answered to a notification: the same in every language. Anything but 200 and 204 makes it send the notification
 * again, for hours and ever more rarely.
 */
public class NotificationReply internal constructor(
    /** HTTP status. */
    public val status: Int,
    /** Body: empty, or JSON. It says no more than a code: anybody may post to the address of notifications. */
    public val body: String,
) {
    override fun toString(): String = "NotificationReply($status)"

    public companion object {
        private val rules by lazy { native { notificationRules() } }

        private fun of(reply: Reply): NotificationReply = NotificationReply(reply.status.toInt(), reply.body)

        /** As it stands in the core's errors. */
        internal fun of(json: JsonObject): NotificationReply? {
            val status = (json["status"] as? JsonPrimitive)?.intOrNull ?: return null
            return NotificationReply(status, (json["body"] as? JsonPrimitive)?.contentOrNull.orEmpty())
        }

        /** The notification is understood and stored; WeChat Pay does not send it again. */
        @JvmStatic
        public fun accepted(): NotificationReply = of(rules.accepted)

        /**
         * The notification is good, but it was not stored or is not understood: its type is unknown, or it is about an order that you do
         * not know. WeChat Pay sends it again, so that nothing is lost until somebody has looked.
         */
        @JvmStatic
        public fun handlerFailed(): NotificationReply = of(rules.handlerFailed)

        /** Largest body of a notification, in bytes. Stop reading there, and answer with the reply of [tooLarge]. */
        @JvmStatic
        public val maxBytes: Int get() = rules.maxBytes.toInt()

        /** The error of a body that has more than [maxBytes]. */
        @JvmStatic
        public fun tooLarge(): WeChatPayException = exceptionOf(ErrorFields.parse(native { notificationTooLarge() }))
    }
}
