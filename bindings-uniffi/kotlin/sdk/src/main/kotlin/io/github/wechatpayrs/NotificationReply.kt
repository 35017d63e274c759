package io.github.wechatpayrs

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
    /** Value of the header `Authorization` of a signed answer; empty for all others. */
    public val authorization: String,
) {
    internal constructor(results: Results) : this(results.number(), results.text(), results.text())

    override fun toString(): String = "NotificationReply($status)"

    /** What an endpoint for notifications has to know, by the core. */
    private class Rules(results: Results) {
        val maxBytes: Int = results.number()
        val accepted: NotificationReply = NotificationReply(results)
        val handlerFailed: NotificationReply = NotificationReply(results)
    }

    public companion object {
        private val rules by lazy { Rules(exchange(Arguments("notification_rules"))) }

        /** As it stands in the core's errors. */
        internal fun of(json: JsonObject): NotificationReply? {
            val status = (json["status"] as? JsonPrimitive)?.intOrNull ?: return null
            fun text(name: String) = (json[name] as? JsonPrimitive)?.contentOrNull.orEmpty()
            return NotificationReply(status, text("body"), text("authorization"))
        }

        /** The notification is understood and stored; WeChat Pay does not send it again. */
        @JvmStatic
        public fun accepted(): NotificationReply = rules.accepted

        /**
         * The notification is good, but it was not stored or is not understood: its type is unknown, or it is about an order that you do
         * not know. WeChat Pay sends it again, so that nothing is lost until somebody has looked.
         */
        @JvmStatic
        public fun handlerFailed(): NotificationReply = rules.handlerFailed

        /** Largest body of a notification, in bytes. Stop reading there, and answer with the reply of [tooLarge]. */
        @JvmStatic
        public val maxBytes: Int get() = rules.maxBytes

        /** The error of a body that has more than [maxBytes]. */
        @JvmStatic
        public fun tooLarge(): WeChatPayException = exceptionOf(ErrorFields.parse(exchange(Arguments("notification_too_large")).text()))
    }
}
