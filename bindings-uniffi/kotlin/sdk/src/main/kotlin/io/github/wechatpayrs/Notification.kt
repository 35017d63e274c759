package io.github.wechatpayrs

import java.time.OffsetDateTime
import kotlinx.serialization.KSerializer
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.contentOrNull

/**
 * A notification that was verified and decrypted.
 *
 * ```
 * when (val resource = notification.resource) {
 *     is Transaction -> paid(resource.out_trade_no)
 *     is RefundNotice -> refunded(resource)
 * }
 * ```
 * The same notification may come many times: remember [id].
 */
public class Notification internal constructor(
    /** Everything as JSON: envelope and decrypted resource. */
    public val envelope: JsonObject,
) {
    private fun text(envelope: JsonObject, name: String): String? = (envelope[name] as? JsonPrimitive)?.contentOrNull

    /** Number of the notification; a repetition has the same. */
    public val id: String = text(envelope, "id").orEmpty()

    /** When it was made; null when the text is no RFC 3339 time. */
    public val createTime: OffsetDateTime? = text(envelope, "create_time")?.let(TimestampSerializer::parse)

    /** What happened: `TRANSACTION.SUCCESS`. */
    public val eventType: String = text(envelope, "event_type").orEmpty()

    /** What the resource was before encryption: `transaction`. */
    public val originalType: String? = text(envelope, "original_type")

    /** In words, in Chinese. */
    public val summary: String? = text(envelope, "summary")

    /** Serial or id of the key that signed it. */
    public val serial: String? = text(envelope, "serial")

    /** Name in this library, chosen by event type and original type: `payments.transaction`; null when not known. */
    public val type: String? = text(envelope, "type")

    /** The decrypted content as JSON. */
    public val json: JsonElement = envelope["resource"] ?: JsonNull

    /** The decrypted content in the class that belongs to [type]; the [json] itself when that is not known. */
    public val resource: Any = typed(type?.let(::notificationSerializer), json)

    private fun typed(serializer: KSerializer<out Any>?, json: JsonElement): Any {
        if (serializer == null || json !is JsonObject) return json
        val text = json.toString()
        return decode(serializer, text).also { if (it is Reply) it.rawJson = text }
    }

    /** The content as an instance of [type], or null when it is something else; for Java. */
    public fun <T : Any> resourceAs(type: Class<T>): T? = if (type.isInstance(resource)) type.cast(resource) else null

    /** Shows no content. */
    override fun toString(): String = "Notification(id=$id, eventType=$eventType, type=$type)"
}
