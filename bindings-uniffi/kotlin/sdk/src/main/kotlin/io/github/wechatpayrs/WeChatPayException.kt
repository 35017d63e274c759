package io.github.wechatpayrs

import kotlinx.serialization.SerializationException
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.booleanOrNull
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.intOrNull

/**
 * Everything that can go wrong, as one of the closed list of [ErrorKind]; each kind has a class of its own below this.
 *
 * The message gives the request id first, then what happened and what to do. No key, no `Authorization` header and no
 * plain text of a sensitive field is ever in it.
 */
public abstract class WeChatPayException internal constructor(error: ErrorFields) : RuntimeException(error.text) {
    /** Which kind of thing went wrong. */
    public val kind: ErrorKind = error.kind

    /**
     * WeChat Pay's error code (`PARAM_ERROR`, `ORDER_CLOSED`, …) or, for what was found here, one of [ErrorCodes]. An
     * open set: new codes appear without notice.
     */
    public val code: String = error.code

    /** What happened and what to do, without the request id; WeChat Pay's own text as it came. */
    public val description: String = error.message

    /** WeChat Pay's `detail`: which field, which value, what is wrong with it; or the same made here. */
    public val detail: JsonElement? = error.detail

    /** HTTP status, when there was an answer. */
    public val status: Int? = error.status

    /** What WeChat Pay's support asks for, when there was an answer. */
    public val requestId: String? = error.requestId

    /** The operation that was called: `payments.jsapi.prepay`. */
    public val operation: String? = error.operation

    /** Body of the answer; unverified unless [authenticated]. */
    public val body: String? = error.body

    /** Whether the same request may be sent again without harm and with hope. */
    @get:JvmName("isRetryable")
    public val retryable: Boolean = error.retryable

    /** Whether the request may have taken effect although this was thrown. Query before doing anything else. */
    @get:JvmName("isOutcomeUnknown")
    public val outcomeUnknown: Boolean = error.outcomeUnknown

    /**
     * Whether the answer behind this carried a valid signature of WeChat Pay. Error answers usually carry none: do not
     * cancel an order on an unauthenticated 404.
     */
    @get:JvmName("isAuthenticated")
    public val authenticated: Boolean = error.authenticated

    /** How often the call was tried, also when no connection could be made; 0 when it failed before. */
    public val attempts: Int = error.attempts

    private val reply: NotificationReply? = error.notificationReply

    /** What WeChat Pay is to be answered when [Client.parseNotification] threw this. */
    public val notificationReply: NotificationReply get() = reply ?: NotificationReply.handlerFailed()
}

/** What the core says of an error. */
internal class ErrorFields(
    val kind: ErrorKind,
    val code: String,
    val message: String,
    val text: String = "$code: $message",
    val detail: JsonElement? = null,
    val status: Int? = null,
    val requestId: String? = null,
    val operation: String? = null,
    val body: String? = null,
    val retryable: Boolean = false,
    val outcomeUnknown: Boolean = false,
    val authenticated: Boolean = false,
    val attempts: Int = 0,
    val notificationReply: NotificationReply? = null,
) {
    companion object {
        /** Reads the core's JSON. */
        fun parse(json: String): ErrorFields {
            val fields = try {
                JSON.parseToJsonElement(json) as? JsonObject
            } catch (_: SerializationException) {
                null
            } ?: JsonObject(emptyMap())
            fun primitive(name: String) = fields[name] as? JsonPrimitive
            fun text(name: String) = primitive(name)?.contentOrNull
            fun flag(name: String) = primitive(name)?.booleanOrNull ?: false
            val code = text("code") ?: "UNKNOWN"
            val message = text("message") ?: json
            return ErrorFields(
                kind = ErrorKind.entries.find { it.id == text("kind") } ?: ErrorKind.MALFORMED,
                code = code,
                message = message,
                text = text("text") ?: "$code: $message",
                detail = fields["detail"]?.takeUnless { it is JsonNull },
                status = primitive("status")?.intOrNull,
                requestId = text("request_id"),
                operation = text("operation"),
                body = text("body"),
                retryable = flag("retryable"),
                outcomeUnknown = flag("outcome_unknown"),
                authenticated = flag("authenticated"),
                attempts = primitive("attempts")?.intOrNull ?: 0,
                notificationReply = (fields["notification_reply"] as? JsonObject)?.let(NotificationReply::of),
            )
        }
    }
}

/** A request that is refused here. */
internal fun invalidRequest(code: String, message: String): WeChatPayException =
    exceptionOf(ErrorFields(ErrorKind.INVALID_REQUEST, code, message))
