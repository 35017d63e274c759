package io.github.wechatpayrs

import java.time.Duration
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/** What some calls do otherwise than their client; see [Client.withOptions]. */
public class CallOptions {
    private val values = LinkedHashMap<String, JsonElement>()
    private val headers = LinkedHashMap<String, JsonElement>()

    /** Longest time for a whole call, with everything that is sent again; for downloads too. */
    public fun timeout(value: Duration): CallOptions = set("timeout", JsonPrimitive(value.seconds + value.nano / 1e9))

    /** How often a failed call is sent again where that is safe; 0 for never. */
    public fun retries(value: Int): CallOptions = set("retries", JsonPrimitive(value))

    /** In which language WeChat Pay words its errors: `en`, `zh-CN`. */
    public fun acceptLanguage(value: String): CallOptions = set("accept_language", JsonPrimitive(value))

    /** A header `Wechatpay-…` besides those that every request has. */
    public fun header(name: String, value: String): CallOptions = apply { headers[name] = JsonPrimitive(value) }

    private fun set(name: String, value: JsonElement): CallOptions = apply { values[name] = value }

    internal fun json(): String = JsonObject(values + ("headers" to JsonObject(headers))).toString()
}
