package io.github.wechatpayrs

import java.time.OffsetDateTime
import kotlin.LazyThreadSafetyMode.PUBLICATION
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.put

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
public class Notification internal constructor(private val notice: Notice) {
    /** Number of the notification; a repetition has the same. */
    public val id: String get() = notice.id

    /** When it was made; null when the text is no RFC 3339 time. */
    public val createTime: OffsetDateTime? by lazy(PUBLICATION) { Timestamp.parse(notice.createTime) }

    /** What happened: `TRANSACTION.SUCCESS`. */
    public val eventType: String get() = notice.eventType

    /** What the resource was before encryption: `transaction`; empty when WeChat Pay gave nothing. */
    public val originalType: String get() = notice.originalType

    /** In words, in Chinese. */
    public val summary: String get() = notice.summary

    /** Serial or id of the key that signed it. */
    public val serial: String get() = notice.serial

    /** Name in this library, chosen by event type and original type: `payments.transaction`; null when not known. */
    public val type: String? get() = notice.kind

    /** The decrypted content as JSON. */
    public val json: JsonElement by lazy(PUBLICATION) { JSON.parseToJsonElement(notice.resource) }

    /** The decrypted content in the class that belongs to [type]; the [json] itself when that is not known. */
    // Content that is no object has no type; it is to be seen in the JSON.
    public val resource: Any by lazy(PUBLICATION) { (json as? JsonObject)?.let { content -> type?.let { notificationOf(it, content) } } ?: json }

    /** Everything as JSON: envelope and decrypted resource. */
    public val envelope: JsonObject by lazy(PUBLICATION) {
        buildJsonObject {
            put("id", notice.id)
            put("create_time", notice.createTime)
            put("event_type", notice.eventType)
            put("resource_type", notice.resourceType)
            put("summary", notice.summary)
            put("original_type", notice.originalType)
            put("associated_data", notice.associatedData)
            put("serial", notice.serial)
            put("type", notice.kind)
            put("resource", json)
        }
    }

    /** The content as an instance of [type], or null when it is something else; for Java. */
    public fun <T : Any> resourceAs(type: Class<T>): T? = if (type.isInstance(resource)) type.cast(resource) else null

    /** Shows no content. */
    override fun toString(): String = "Notification(id=$id, eventType=$eventType, type=$type)"
}
