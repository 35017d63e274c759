package io.github.wechatpayrs.tests

import io.github.wechatpayrs.BillReader
import io.github.wechatpayrs.BillRows
import io.github.wechatpayrs.CallOptions
import io.github.wechatpayrs.Client
import io.github.wechatpayrs.Fen
import io.github.wechatpayrs.FrontEnd
import io.github.wechatpayrs.FundFlowBillReader
import io.github.wechatpayrs.Model
import io.github.wechatpayrs.Notification
import io.github.wechatpayrs.PluginCoupon
import io.github.wechatpayrs.ProfitSharingBillReader
import io.github.wechatpayrs.TradeBillReader
import io.github.wechatpayrs.WeChatPayException
import io.github.wechatpayrs.junit5.Sandbox
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.Base64
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.boolean
import kotlinx.serialization.json.booleanOrNull
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.double
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

/** One scenario; `tests/README.md` of the repository says what everything means. */
internal class Scenario(private val sandbox: Sandbox, private val let: JsonObject, private val scenario: JsonObject) {
    private val variables = HashMap<String, JsonElement>()
    private val printed = ArrayList<String>()
    private lateinit var client: Client

    /** What was handed over last. */
    private var notification: Notification? = null
    private val http = HttpClient.newHttpClient()

    fun run() {
        scenario.onlyHas("name", "note", "client", "secrets", "steps")
        control("POST /sandbox/reset", JsonObject(emptyMap()))
        variables += control("GET /sandbox/credentials", null).jsonObject
        variables += let
        variables["today"] = JsonPrimitive(control("GET /sandbox/clock", null).jsonObject.text("time").take(10))
        variables["notify_url"] = JsonPrimitive("http://127.0.0.1:1/notify")
        variables["dead_url"] = JsonPrimitive("http://127.0.0.1:1")
        variables["second_base_url"] = JsonPrimitive(sandbox.baseUrl.replace("127.0.0.1", "localhost"))
        client = client(scenario["client"]?.let(::filled)?.jsonObject)
        try {
            for ((index, step) in scenario.getValue("steps").jsonArray.withIndex()) {
                try {
                    step(step.jsonObject)
                } catch (error: Throwable) {
                    throw AssertionError("step ${index + 1}: ${error.message}\n$step", error)
                }
            }
            checkSecrets()
        } finally {
            client.close()
        }
    }

    private fun callOptions(wanted: JsonObject): CallOptions = CallOptions().apply {
        for ((name, value) in wanted) {
            when (name) {
                "timeout" -> timeout(Duration.ofMillis((value.jsonPrimitive.double * 1000).toLong()))
                "retries" -> retries(value.jsonPrimitive.int)
                "accept_language" -> acceptLanguage(value.jsonPrimitive.content)
                "headers" -> value.jsonObject.forEach { (header, text) -> header(header, text.jsonPrimitive.content) }
                else -> throw AssertionError("calls have no option $name")
            }
        }
    }

    private fun step(raw: JsonObject) {
        val verb = checkNotNull(raw.keys.singleOrNull { it in VERBS }) { "a step has exactly one verb: ${raw.keys}" }
        raw.onlyHas("note", "save", "expect", "error", verb, *VERBS.getValue(verb).toTypedArray())
        val step = filled(raw).jsonObject
        val wanted = step["error"]
        val result = try {
            act(verb, step).also { if (wanted != null) throw AssertionError("an error was expected, not $it") }
        } catch (error: WeChatPayException) {
            val seen = seen(error)
            if (wanted == null) throw AssertionError("no error was expected, but $seen", error)
            fit(wanted, seen, "error")
            seen
        }
        if (wanted == null) step["expect"]?.let { fit(it, result, "result") }
        raw["save"]?.let { variables[it.jsonPrimitive.content] = result }
    }

    private fun act(verb: String, step: JsonObject): JsonElement {
        val argument = step.getValue(verb)
        val text by lazy { argument.jsonPrimitive.content }
        return when (verb) {
            "client" -> JsonNull.also {
                client.close()
                client = client(argument.jsonObject)
            }
            "with_options" -> JsonNull.also { client = client.withOptions(callOptions(argument.jsonObject)) }
            "for_sub_merchant" -> JsonNull.also { client = client.forSubMerchant(text) }
            "call" -> Json.parseToJsonElement(client.call(text, step["params"]?.toString() ?: ""))
            "request" -> text.split(' ', limit = 2).let { (method, path) -> Json.parseToJsonElement(client.request(method, path, step["body"]?.toString())) }
            "prepare" -> client.prepare(text, step["params"]?.toString() ?: "").let { request ->
                printed += request.toString()
                json("method" to request.method, "url" to request.url, "headers" to json(request.headers), "body" to request.body.decodeToString())
            }
            "send" -> send(argument.jsonObject)
            "finish" -> step.getValue("response").jsonObject.let { response ->
                Json.parseToJsonElement(client.finish(text, response.getValue("status").jsonPrimitive.int, texts(response.getValue("headers")), response.text("body").toByteArray()))
            }
            "upload" -> upload(text, step["params"]?.toString().orEmpty(), step.getValue("file").jsonObject)
            "download" -> download(argument.jsonObject)
            "bill" -> bill(text, step["kind"]?.jsonPrimitive?.content ?: "any")
            "fen" -> JsonPrimitive(Fen.ofYuan(text))
            "notification" -> notification(text, step)
            "parse_notification" -> {
                argument.jsonObject.onlyHas("headers", "body", "base64", "zeros")
                parse(headers(argument.jsonObject.getValue("headers")), content(argument.jsonObject, "body"))
            }
            "answer_notification" -> client.answerNotification(checkNotNull(notification), argument.jsonObject).let { reply ->
                printed += reply.toString()
                json("status" to JsonPrimitive(reply.status), "body" to reply.body, "authorization" to reply.authorization)
            }
            "jsapi_payment" -> json(client.jsapiPayment(argument.jsonObject.text("appid"), argument.jsonObject.text("prepay_id")))
            "app_payment" -> argument.jsonObject.let { json(client.appPayment(it.text("appid"), it.text("prepay_id"), it.optional("partnerid"))) }
            "front_end" -> opened(client.frontEnd, text, step.getValue("params").jsonObject)
            "encrypt_field" -> client.encryptField(text).let { json("ciphertext" to it.ciphertext, "serial" to it.serial) }
            "decrypt_field" -> JsonPrimitive(client.decryptField(text))
            "sandbox" -> control(text, step["body"])
            else -> error("no verb $verb")
        }
    }

    private fun client(changes: JsonObject?): Client {
        val options = LinkedHashMap<String, JsonElement>()
        fun default(name: String, credential: String) = variables.getValue(credential).also { options[name] = it }
        default("base_url", "base_url")
        default("mchid", "mchid")
        default("private_key", "merchant_private_key")
        default("merchant_serial", "merchant_serial_no")
        default("api_v2_key", "api_v2_key")
        default("api_v3_key", "api_v3_key")
        default("wechatpay_public_key_id", "wechatpay_public_key_id")
        default("wechatpay_public_key", "wechatpay_public_key")
        options["retries"] = JsonPrimitive(0)
        changes?.let { options += it }
        val builder = Client.builder()
        for ((name, value) in options) {
            if (value is JsonNull) continue
            fun text() = value.jsonPrimitive.content
            fun seconds() = Duration.ofNanos((value.jsonPrimitive.double * 1e9).toLong())
            when (name) {
                "base_url" -> builder.baseUrl(text())
                "mchid" -> builder.mchid(text())
                "private_key" -> builder.privateKey(text())
                "merchant_serial" -> builder.merchantSerial(text())
                "merchant_certificate" -> builder.merchantCertificate(text())
                "api_v2_key" -> builder.apiV2Key(text())
                "api_v3_key" -> builder.apiV3Key(text())
                "wechatpay_public_key" -> builder.wechatpayPublicKey(options["wechatpay_public_key_id"]?.jsonPrimitive?.contentOrNull.orEmpty(), text())
                "hk_public_key" -> builder.hkPublicKey(options["hk_public_key_id"]?.jsonPrimitive?.contentOrNull.orEmpty(), text())
                "wechatpay_public_key_id", "hk_public_key_id" -> {}
                "platform_certificates" -> value.jsonArray.forEach { builder.platformCertificate(it.jsonPrimitive.content) }
                "retries" -> builder.retries(value.jsonPrimitive.int)
                "connect_timeout" -> builder.connectTimeout(seconds())
                "read_timeout" -> builder.readTimeout(seconds())
                "timeout" -> builder.timeout(seconds())
                "failover_base_url" -> builder.failoverBaseUrl(text())
                else -> error("there is no client option $name")
            }
        }
        printed += builder.toString()
        return builder.build().also { printed += it.toString() }
    }

    private fun send(request: JsonObject): JsonElement {
        val body = HttpRequest.BodyPublishers.ofString(request.text("body"))
        val message = HttpRequest.newBuilder(URI.create(request.text("url"))).method(request.text("method"), body)
        for ((name, value) in texts(request.getValue("headers"))) {
            if (name.lowercase() !in setOf("host", "content-length", "connection")) message.header(name, value)
        }
        val answer = http.send(message.build(), HttpResponse.BodyHandlers.ofString())
        return JsonObject(
            mapOf(
                "status" to JsonPrimitive(answer.statusCode()),
                "headers" to json(answer.headers().map().mapValues { it.value.first() }),
                "body" to JsonPrimitive(answer.body()),
            ),
        )
    }

    private fun upload(operation: String, params: String, file: JsonObject): JsonElement {
        file.onlyHas("name", "text", "base64", "zeros")
        return Json.parseToJsonElement(client.upload(operation, params, file.text("name"), content(file, "text")))
    }

    /** Bytes as text, as base64, or so many zeros. */
    private fun content(given: JsonObject, text: String): ByteArray = given[text]?.jsonPrimitive?.content?.toByteArray()
        ?: given["base64"]?.let { Base64.getDecoder().decode(it.jsonPrimitive.content) }
        ?: ByteArray(given.getValue("zeros").jsonPrimitive.int)

    /** A value is a text, or a list of texts. */
    private fun headers(given: JsonElement): Map<String, Any> = given.jsonObject.mapValues { (_, value) ->
        if (value is JsonArray) value.map { it.jsonPrimitive.content } else value.jsonPrimitive.content
    }

    private fun download(what: JsonObject): JsonElement {
        what.onlyHas("url", "sha1", "answer", "operation", "params")
        val folder = Files.createTempDirectory("wechatpay-scenario")
        val path = folder.resolve("file")
        try {
            val answer = what["answer"]?.jsonObject
            val done = if (answer != null) {
                client.download(answer, path)
            } else if ("operation" in what) {
                client.callForFile(what.text("operation"), what["params"]?.toString().orEmpty(), path)
            } else {
                client.download(what.text("url"), path, what["sha1"]?.jsonPrimitive?.content)
            }
            val text = Files.readString(path)
            Files.delete(path)
            return JsonObject(mapOf("bytes" to JsonPrimitive(done.bytes), "sha1" to JsonPrimitive(done.sha1), "text" to JsonPrimitive(text)))
        } finally {
            // Fails when something was left behind.
            Files.delete(folder)
        }
    }

    private fun bill(text: String, kind: String): JsonElement {
        val path: Path = Files.createTempFile("wechatpay-scenario", ".csv")
        fun <R : Any> read(bill: BillRows<R>, row: (R) -> JsonElement): JsonElement = bill.use {
            val rows = it.asSequence().map(row).toList()
            JsonObject(mapOf("rows" to JsonArray(rows), "summary" to (it.summary()?.let { all -> json(all.toMap()) } ?: JsonNull)))
        }
        try {
            Files.writeString(path, text)
            return when (kind) {
                "any" -> read(BillReader(path)) { json(it.toMap()) }
                "without_totals" -> read(BillReader(path, totals = false)) { json(it.toMap()) }
                "trade" -> read(TradeBillReader(path), ::typed)
                "fund_flow" -> read(FundFlowBillReader(path), ::typed)
                "profit_sharing" -> read(ProfitSharingBillReader(path), ::typed)
                else -> error("no kind of bill $kind")
            }
        } finally {
            Files.delete(path)
        }
    }

    /** What the getters of a row say. */
    private fun typed(row: Model): JsonElement {
        val getters = row.javaClass.declaredMethods.filter { it.name.startsWith("get") && it.parameterCount == 0 }
        val values = getters.associate { getter ->
            val value = getter.invoke(row)
            val name = getter.name.removePrefix("get").replaceFirstChar(Char::lowercase)
            name to if (value is Long) JsonPrimitive(value) else JsonPrimitive(value as String?)
        }
        return JsonObject(values)
    }

    private fun notification(event: String, step: JsonObject): JsonElement {
        val list = control("GET /sandbox/notifications?wait=true", null).jsonObject.getValue("notifications").jsonArray
        val found = checkNotNull(list.map { it.jsonObject }.lastOrNull { it.text("event_type") == event }) { "no notification $event in $list" }
        val attempts = found.getValue("attempts").jsonArray
        val attempt = (step["attempt"]?.let { attempts[it.jsonPrimitive.int] } ?: attempts.last()).jsonObject
        val headers = texts(attempt.getValue("headers")).mapKeys { (name, _) ->
            when (val case = step["header_case"]?.jsonPrimitive?.content) {
                null -> name
                "lower" -> name.lowercase()
                "upper" -> name.uppercase()
                else -> error("no header_case $case")
            }
        }
        val lists = step["header_lists"]?.jsonPrimitive?.boolean == true
        val body = (attempt.text("body") + (step["body_suffix"]?.jsonPrimitive?.content ?: "")).toByteArray()
        return parse(
            headers.mapValues { (_, value) -> if (lists) listOf(value) else value },
            when (val changed = step["body_as"]?.jsonPrimitive?.content) {
                null -> body
                "base64" -> Base64.getEncoder().encode(body)
                "bom" -> byteArrayOf(0xEF.toByte(), 0xBB.toByte(), 0xBF.toByte()) + body
                else -> error("nobody knows how to make a body $changed")
            },
        )
    }

    private fun parse(headers: Map<String, Any>, body: ByteArray): JsonElement {
        val parsed = client.parseNotification(headers, body)
        notification = parsed
        printed += parsed.toString()
        return parsed.envelope
    }

    private fun control(what: String, body: JsonElement?): JsonElement {
        val (method, path) = what.split(' ', limit = 2)
        return sandbox.control(method, path, (body ?: if (method == "POST") JsonObject(emptyMap()) else null)?.toString())
    }

    private fun seen(error: WeChatPayException): JsonObject {
        generateSequence<Throwable>(error) { it.cause }.forEach { printed += it.toString() }
        // `InvalidRequestException` is `invalid_request`: what a `catch` sees must be what the fields say.
        val kind = error.javaClass.simpleName.removeSuffix("Exception").replace(Regex("(?<=[a-z])[A-Z]")) { "_${it.value}" }.lowercase()
        check(kind == error.kind.id) { "${error.javaClass} has the kind ${error.kind}" }
        return JsonObject(
            mapOf(
                "kind" to JsonPrimitive(kind), "code" to JsonPrimitive(error.code), "message" to JsonPrimitive(error.description),
                "detail" to error.detail.orNull(), "status" to JsonPrimitive(error.status), "request_id" to JsonPrimitive(error.requestId),
                "operation" to JsonPrimitive(error.operation), "body" to JsonPrimitive(error.body), "retryable" to JsonPrimitive(error.retryable),
                "outcome_unknown" to JsonPrimitive(error.outcomeUnknown), "authenticated" to JsonPrimitive(error.authenticated),
                "attempts" to JsonPrimitive(error.attempts),
                "notification_reply" to JsonObject(
                    mapOf("status" to JsonPrimitive(error.notificationReply.status), "body" to JsonPrimitive(error.notificationReply.body)),
                ),
                "text" to JsonPrimitive(error.message),
            ),
        )
    }

    private fun checkSecrets() {
        val secrets = ArrayList<String>()
        secrets += listOf("api_v2_key", "api_v3_key").map { variables.getValue(it).jsonPrimitive.content }
        secrets += variables.getValue("merchant_private_key").jsonPrimitive.content.lines().filter { it.length > 20 && !it.startsWith("--") }
        secrets += "mchid=\""
        secrets += SIGNATURE.findAll(control("GET /sandbox/requests", null).toString()).map { it.groupValues[1] }
        scenario["secrets"]?.jsonArray?.forEach { secrets += it.jsonPrimitive.content }
        for (text in printed) for (secret in secrets) check(secret !in text) { "a secret was printed: $text" }
    }

    /** Replaces `${name.member}` in all texts. */
    private fun filled(value: JsonElement): JsonElement = when (value) {
        is JsonObject -> JsonObject(value.mapValues { filled(it.value) })
        is JsonArray -> JsonArray(value.map(::filled))
        is JsonPrimitive -> if (!value.isString) value else WHOLE.matchEntire(value.content)?.let { variable(it.groupValues[1]) }
            ?: JsonPrimitive(PART.replace(value.content) { found -> variable(found.groupValues[1]).let { if (it is JsonPrimitive) it.content else it.toString() } })
    }

    private fun variable(path: String): JsonElement {
        val parts = path.split('.')
        var value = checkNotNull(variables[parts[0]]) { "there is no variable ${parts[0]}" }
        for (part in parts.drop(1)) {
            val member = if (value is JsonArray) value.getOrNull(part.toInt()) else value.jsonObject[part]
            value = checkNotNull(member) { "$path: there is no $part in $value" }
        }
        return value
    }

    private companion object {
        val VERBS: Map<String, List<String>> = mapOf(
            "client" to emptyList(), "with_options" to emptyList(), "for_sub_merchant" to emptyList(), "call" to listOf("params"), "request" to listOf("body"), "prepare" to listOf("params"),
            "send" to emptyList(), "finish" to listOf("response"), "upload" to listOf("file", "params"), "download" to emptyList(),
            "bill" to listOf("kind"), "fen" to emptyList(), "notification" to listOf("attempt", "header_case", "header_lists", "body_suffix", "body_as"), "parse_notification" to emptyList(),
            "answer_notification" to emptyList(), "jsapi_payment" to emptyList(), "app_payment" to emptyList(), "front_end" to listOf("params"), "encrypt_field" to emptyList(), "decrypt_field" to emptyList(),
            "sandbox" to listOf("body"),
        )
        val WHOLE = Regex("""\$\{([^}]+)}""")
        val PART = Regex("""\$\{([^}]+)}""")
        val SIGNATURE = Regex("""signature=\\"([^\\"]{20,})\\"""")

        fun JsonObject.text(name: String): String = getValue(name).jsonPrimitive.content

        fun JsonObject.optional(name: String): String? = get(name)?.jsonPrimitive?.content

        /** Calls the function of that name. */
        fun opened(frontEnd: FrontEnd, opens: String, params: JsonObject): JsonElement = params.run {
            when (opens) {
                "h5_redirect" -> JsonPrimitive(frontEnd.h5Redirect(text("h5_url"), text("redirect_url")))
                "native_qr" -> JsonPrimitive(frontEnd.nativeQr(text("code_url")))
                "payscore_order" -> seen(frontEnd.payscoreOrder(text("package")))
                "payscore_order_detail" -> seen(frontEnd.payscoreOrderDetail(text("service_id"), text("out_order_no")))
                "payscore_permission" -> seen(frontEnd.payscorePermission(text("apply_permissions_token")))
                "coupon_plugin" -> seen(frontEnd.couponPlugin(getValue("coupons").jsonArray.map { coupon(it.jsonObject) }))
                "h5_coupon_url" ->
                    JsonPrimitive(frontEnd.h5CouponUrl(text("stock_id"), text("out_request_no"), text("open_id"), optional("coupon_code")))
                "product_coupon" -> seen(frontEnd.productCoupon(text("token")))
                "member_card" -> seen(frontEnd.memberCard(text("token")))
                "transfer_confirmation" -> seen(frontEnd.transferConfirmation(text("appid"), text("package_info")))
                "parking_service" ->
                    seen(frontEnd.parkingService(text("openid"), text("plate_number"), text("plate_color"), optional("sub_mchid")))
                else -> error("nothing of the name $opens can be opened")
            }
        }

        private fun coupon(given: JsonObject): PluginCoupon {
            val coupon = PluginCoupon(given.text("stock_id"), given.text("out_request_no"))
            given.optional("coupon_code")?.let(coupon::couponCode)
            given.optional("create_coupon_merchant")?.let(coupon::createCouponMerchant)
            given.optional("customize_send_time")?.let(coupon::customizeSendTime)
            return coupon
        }

        private fun seen(value: Any): JsonElement = when (value) {
            is Map<*, *> -> JsonObject(value.entries.associate { (name, inner) -> name.toString() to seen(inner!!) })
            is List<*> -> JsonArray(value.map { seen(it!!) })
            else -> JsonPrimitive(value.toString())
        }

        fun json(vararg members: Pair<String, Any>): JsonObject =
            JsonObject(members.associate { (name, value) -> name to (value as? JsonElement ?: JsonPrimitive(value as String)) })

        fun json(members: Map<String, String>): JsonObject = JsonObject(members.mapValues { JsonPrimitive(it.value) })

        /** Headers as an object, or as a list of pairs. */
        fun texts(value: JsonElement): Map<String, String> = when (value) {
            is JsonObject -> value.mapValues { it.value.jsonPrimitive.content }
            else -> value.jsonArray.associate { it.jsonArray[0].jsonPrimitive.content to it.jsonArray[1].jsonPrimitive.content }
        }

        /** Whether the value fits what was wanted. */
        fun fit(wanted: JsonElement, value: JsonElement, where: String) {
            fun refuse(): Nothing = throw AssertionError("$where: $wanted was wanted, not $value")
            val matcher = (wanted as? JsonObject)?.entries?.singleOrNull()?.takeIf { it.key.startsWith("$") }
            when {
                matcher != null -> if (!matches(matcher.key, matcher.value, value, where)) refuse()
                wanted is JsonObject -> {
                    if (value !is JsonObject) refuse()
                    for ((name, part) in wanted) fit(part, value[name].orNull(), "$where.$name")
                }
                wanted is JsonArray -> {
                    if (value !is JsonArray || value.size != wanted.size) refuse()
                    wanted.forEachIndexed { index, part -> fit(part, value[index], "$where.$index") }
                }
                wanted != value -> refuse()
            }
        }

        private fun matches(matcher: String, wanted: JsonElement, value: JsonElement, where: String): Boolean {
            val text = (value as? JsonPrimitive)?.takeIf { it.isString }?.content
            return when (matcher) {
                "\$absent" -> check(wanted.jsonPrimitive.boolean).let { value is JsonNull }
                "\$type" -> when (val type = wanted.jsonPrimitive.content) {
                    "string" -> text != null
                    "number" -> value is JsonPrimitive && !value.isString && value !is JsonNull && value.booleanOrNull == null
                    "bool" -> value is JsonPrimitive && !value.isString && value.booleanOrNull != null
                    "list" -> value is JsonArray
                    "object" -> value is JsonObject
                    "null" -> value is JsonNull
                    else -> error("no type $type")
                }
                "\$contains" -> when {
                    value is JsonArray -> value.any { runCatching { fit(wanted, it, where) }.isSuccess }
                    text == null -> false
                    wanted is JsonArray -> wanted.all { it.jsonPrimitive.content in text }
                    else -> wanted.jsonPrimitive.content in text
                }
                "\$length" -> wanted.jsonPrimitive.int == (text?.codePoints()?.count()?.toInt() ?: (value as? JsonArray)?.size)
                else -> error("no matcher $matcher")
            }
        }
    }
}
