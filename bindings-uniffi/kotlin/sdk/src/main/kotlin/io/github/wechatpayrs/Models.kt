package io.github.wechatpayrs

import kotlinx.serialization.json.JsonObject

/**
 * An answer of WeChat Pay, or what a notification tells.
 *
 * All properties may be null: an answer that lacks a field which the documentation calls required still reaches the
 * caller.
 */
public abstract class Reply internal constructor() {
    internal var rawJson: String = "{}"

    /** What WeChat Pay's support asks for; null for notifications. */
    @get:JvmName("requestId")
    public var requestId: String? = null
        internal set

    /** The whole content as it was verified, with the fields that this version does not know; not part of equality. */
    @get:JvmName("json")
    public val json: JsonObject
        get() = JSON.parseToJsonElement(rawJson) as? JsonObject ?: JsonObject(emptyMap())
}

/** A text with known values, to which WeChat Pay adds others without notice. Equal when class and value are. */
public abstract class OpenEnum internal constructor(
    /** On the wire. */
    public val value: String,
) {
    override fun equals(other: Any?): Boolean =
        other is OpenEnum && other.javaClass == javaClass && other.value == value

    override fun hashCode(): Int = value.hashCode()

    override fun toString(): String = value
}
