package io.github.wechatpayrs

import kotlinx.serialization.json.JsonElement

/** A verified answer that nobody documented: any JSON. */
public class UntypedReply internal constructor(answered: Answered) {
    /** The answer as JSON text, for a JSON library of your own; `null` when there was none. */
    @get:JvmName("text")
    public val text: String = answered.json

    /** What WeChat Pay's support asks for. */
    @get:JvmName("requestId")
    public val requestId: String? = answered.requestId

    /** HTTP status. */
    @get:JvmName("httpStatus")
    public val httpStatus: Int = answered.status

    /** Serial or id of the key that signed it. */
    @get:JvmName("signedBy")
    public val signedBy: String = answered.serial

    /** How many requests went out for the call: 1 without retries. */
    @get:JvmName("attempts")
    public val attempts: Int = answered.attempts

    /** The answer; JSON's null when there was none. */
    @get:JvmName("json")
    public val json: JsonElement by lazy { JSON.parseToJsonElement(text) }

    /** Shows nothing of the content: nobody knows what of it must not be logged. */
    override fun toString(): String = "UntypedReply(requestId=$requestId)"
}
