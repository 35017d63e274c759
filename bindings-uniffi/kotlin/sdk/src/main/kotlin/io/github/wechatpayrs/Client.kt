package io.github.wechatpayrs

import io.github.wechatpayrs.bills.BillFile
import io.github.wechatpayrs.bills.EncryptedBillFile
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.longOrNull

/**
 * Calls WeChat Pay for one merchant: signs, sends, verifies, and sends again where that is safe.
 *
 * Make one per merchant and keep it; all methods can be called from many threads at once and block the calling one.
 *
 * ```
 * val client = Client {
 *     mchid("1900000001")
 *     privateKey(Path.of("apiclient_key.pem"))
 *     merchantSerial("5157F09EFDC096DE15EBE81A47057A7232F1B8E1")
 *     apiV3Key(System.getenv("API_V3_KEY"))
 *     wechatpayPublicKey("PUB_KEY_ID_0119000000012026000000000000000001", Path.of("pub_key.pem"))
 * }
 * val order = client.payments.jsapi.prepay(PrepayRequest(…))
 * ```
 *
 * Every method throws a [WeChatPayException]; look at [WeChatPayException.outcomeUnknown] before doing anything else. A thread that is
 * interrupted while it waits gives its call up, with code `ABORTED` and its interrupted flag as it was.
 */
public class Client private constructor(private val client: NativeClient) : Products(), AutoCloseable {
    internal constructor(options: String, signer: Signer?) : this(NativeClient(options, signer))

    override fun client(): Client = this

    /** The merchant number. */
    public val mchid: String = client.mchid

    /**
     * This client, for calls that do something otherwise: with the same keys, connections and certificates. Closing one closes both.
     *
     * Throws a [ConfigException] when an option is wrong.
     */
    public fun withOptions(options: CallOptions): Client = Client(client.withOptions(options.json()))

    /** The same, with the options that [configure] sets. */
    @JvmSynthetic
    public fun withOptions(configure: CallOptions.() -> Unit): Client = withOptions(CallOptions().apply(configure))

    /**
     * This client, for calls for a sub-merchant: `sub_mchid` is filled in where an operation has it and the call does not say it. Closing
     * one closes both.
     */
    public fun forSubMerchant(subMchid: String): Client =
        Client(client.withOptions(JsonObject(mapOf("sub_mchid" to JsonPrimitive(subMchid))).toString()))

    /**
     * Carries out an operation by its name (`payments.jsapi.prepay`) with plain JSON. Returns the verified answer, with
     * every field that WeChat Pay sent; JSON's null when there is none.
     */
    @JvmOverloads
    public fun call(operation: String, params: JsonElement = JsonObject(emptyMap())): JsonElement =
        JSON.parseToJsonElement(call(operation, params.toString()))

    /** The same with JSON as text on both sides. */
    public fun call(operation: String, params: String): String = client.call(operation, params).json

    /**
     * Calls an endpoint that is not typed here. The path carries its query and is percent-encoded already; nothing is
     * checked, encrypted or decrypted. The answer is verified.
     */
    @JvmOverloads
    public fun request(method: String, pathAndQuery: String, body: String? = null): String =
        client.request(method, pathAndQuery, body).json

    /** Uploads a file by the name of the operation (`media.upload_image`); the answer is JSON text. */
    public fun upload(operation: String, fileName: String, content: ByteArray): String = upload(operation, "", fileName, content)

    /** The same with what the operation wants to know besides, as JSON text: parameters of its path, and members of `meta`. */
    public fun upload(operation: String, params: String, fileName: String, content: ByteArray): String =
        client.upload(operation, params, fileName, content).json

    /**
     * Carries out an operation that answers with a file, by its name, with JSON text as parameters. The file appears at the path only when it
     * is whole and, where WeChat Pay signs its SHA-1, right.
     */
    @JvmOverloads
    public fun callForFile(operation: String, params: String, path: Path, progress: DownloadProgress? = null): Downloaded =
        downloaded(progress) { client.callForFile(operation, params, path, it) }

    /** A signed request, to be sent exactly as it is with another HTTP client; its answer goes to [finish]. */
    @JvmOverloads
    public fun prepare(operation: String, params: String = "{}"): SignedRequest = client.prepare(operation, params)

    /** Verifies and decodes an answer that another HTTP client received. */
    public fun finish(operation: String, status: Int, headers: Map<String, String>, body: ByteArray): String {
        if (status !in 100..999) throw invalidRequest("WRONG_TYPE", "$status is not an HTTP status.")
        return client.finish(operation, status, headers, body).json
    }

    /**
     * Verifies and decrypts a notification: the headers and the raw bytes of the body, exactly as they came. A header's value is a text, or
     * a list of texts as some frameworks have it.
     *
     * What it throws says in [notificationReply][WeChatPayException.notificationReply] what WeChat Pay is to be answered; do nothing else then.
     */
    public fun parseNotification(headers: Map<String, Any?>, body: ByteArray): Notification =
        Notification(client.parseNotification(valuesOf(headers), body))

    /**
     * The signed answer to a notification that asks for one, for example a `FeeAnswer` to `parking.reminders.fee_asked`. Status, body and the
     * header `Authorization` go out together, the body byte for byte.
     *
     * Throws an [InvalidRequestException] when it asks for no answer (`NO_ANSWER_ASKED`), or when the answer is not what its page says.
     */
    public fun answerNotification(notification: Notification, answer: Model): NotificationReply =
        answerNotification(notification, answer.json)

    /** The same with an object of JSON. */
    public fun answerNotification(notification: Notification, answer: JsonObject): NotificationReply =
        client.answerNotification(notification.type, answer.toString())

    /**
     * The headers that may matter, a pair for each value: frameworks hand over dozens (from Java even one named null), and each costs its way
     * into Rust. Names that were changed on the way are for the core to explain.
     */
    private fun valuesOf(headers: Map<String, Any?>): List<Pair<String, String>> = headers.entries
        .filter { (name, _) -> mayMatter(name) }
        .flatMap { (name, values) ->
            val all = when (values) {
                is Iterable<*> -> values
                is Array<*> -> values.asIterable()
                else -> listOf(values)
            }
            all.filterNotNull().map { name to it.toString() }
        }

    private fun mayMatter(name: String?): Boolean =
        name != null && (name.contains("wechatpay", ignoreCase = true) || name.equals("Content-Encoding", ignoreCase = true))

    /**
     * Downloads the bill that an answer announces to a path, where it appears only when it is whole and its SHA-1 is that of the
     * answer. Fetch it at once: the address lives minutes. Bills that are compressed are decompressed.
     *
     * Throws a [MalformedException] (`HASH_TYPE`, `FILE_ANNOUNCEMENT`) when there is no SHA-1 to compare with.
     */
    @JvmOverloads
    public fun download(bill: BillFile, path: Path, progress: DownloadProgress? = null): Downloaded =
        download(bill.json, path, progress)

    /**
     * Downloads a part of an encrypted bill, an element of `downloadBillList`: it is decrypted while it comes, and the file appears only
     * when the tag at its end and its SHA-1 are right. The parts in the order of `billSequence` are the bill.
     */
    @JvmOverloads
    public fun download(part: EncryptedBillFile, path: Path, progress: DownloadProgress? = null): Downloaded =
        download(part.json, path, progress)

    /** Downloads what any answer announces: an object with `download_url`, `hash_type` and `hash_value`, passed on whole. */
    @JvmOverloads
    public fun download(answer: JsonObject, path: Path, progress: DownloadProgress? = null): Downloaded =
        downloaded(progress) { client.downloadAnnounced(answer.toString(), path, it) }

    /**
     * Downloads a bare URL, exactly as WeChat Pay answered it. Without [sha1], the `hash_value` of the same answer when its `hash_type`
     * is SHA1, nothing vouches for the content.
     */
    @JvmOverloads
    public fun download(url: String, path: Path, sha1: String? = null, progress: DownloadProgress? = null): Downloaded =
        downloaded(progress) { client.download(url, sha1, path, it) }

    private fun downloaded(progress: DownloadProgress?, fetch: (Listener?) -> String): Downloaded {
        val told = progress?.let(::Listener)
        val json = fetch(told)
        told?.failure?.let { throw it }
        val done = JSON.parseToJsonElement(json) as JsonObject
        return Downloaded((done["bytes"] as JsonPrimitive).longOrNull ?: 0, (done["sha1"] as JsonPrimitive).contentOrNull.orEmpty())
    }

    /** What pages, mini-programs and apps open WeChat with, beside the cashier. */
    @get:JvmName("frontEnd")
    public val frontEnd: FrontEnd = FrontEnd(client)

    /** Parameters with which a page or a mini-program opens the cashier. */
    public fun jsapiPayment(appid: String, prepayId: String): Map<String, String> =
        frontEnd.texts("jsapi_payment", "appid" to appid, "prepay_id" to prepayId)

    /**
     * Parameters with which an app opens the cashier. [partnerid] is the number of a sub-merchant, for an order that a service provider
     * placed with the sub-merchant's own appid.
     */
    @JvmOverloads
    public fun appPayment(appid: String, prepayId: String, partnerid: String? = null): Map<String, String> =
        frontEnd.texts("app_payment", "appid" to appid, "prepay_id" to prepayId, "partnerid" to partnerid)

    /** Encrypts a text to WeChat Pay, for requests that are not typed. */
    public fun encryptField(text: String): EncryptedField = client.encryptField(text)

    /** Decrypts a text that WeChat Pay encrypted to the merchant. */
    public fun decryptField(ciphertext: String): String = client.decryptField(ciphertext)

    /** Ends the client: calls under way finish, later ones throw a [ClosedException]. Closing twice is fine. */
    override fun close(): Unit = client.shutDown()

    override fun toString(): String = "Client(mchid=$mchid)"

    // What the typed operations call.

    internal fun send(operation: String, request: Model? = null): Answered =
        client.call(operation, request?.json?.toString().orEmpty())

    internal fun sendForFile(operation: String, request: Model?, path: Path, progress: DownloadProgress?): Downloaded =
        callForFile(operation, request?.json?.toString().orEmpty(), path, progress)

    internal fun sendFile(operation: String, fileName: String, content: ByteArray, request: Model? = null): Answered =
        client.upload(operation, request?.json?.toString().orEmpty(), fileName, content)

    internal fun sendFile(operation: String, file: Path, request: Model? = null): Answered =
        sendFile(operation, file.fileName.toString(), read(file), request)

    private fun read(file: Path): ByteArray = try {
        Files.readAllBytes(file)
    } catch (error: IOException) {
        val told = ErrorFields(ErrorKind.IO, "IO", "$file cannot be read: ${error.message}.")
        throw exceptionOf(told).initCause(error)
    }

    /** Keeps what the caller's code throws: it must not travel through Rust. */
    private class Listener(private val told: DownloadProgress) : ProgressCallback {
        @Volatile
        var failure: Throwable? = null

        override fun progress(received: Long, total: Long) {
            if (failure != null) return
            try {
                told.onProgress(received, total.takeIf { it >= 0 })
            } catch (error: Throwable) {
                failure = error
            }
        }
    }

    public companion object {
        /**
         * Gives up the call that [thread] waits for: nothing more is sent, and the thread gets a [TimeoutException] at once. The same is
         * returned, and its [outcomeUnknown][WeChatPayException.outcomeUnknown] tells whether the request may have taken effect. Null when the
         * thread waits for no call. Interrupting the thread does the same within a twentieth of a second.
         */
        @JvmStatic
        public fun giveUp(thread: Thread): WeChatPayException? = CallsUnderWay.giveUp(thread)

        /** Starts without any option. */
        @JvmStatic
        public fun builder(): ClientBuilder = ClientBuilder()

        /** Makes a client with the options that [configure] sets. */
        @JvmSynthetic
        public operator fun invoke(configure: ClientBuilder.() -> Unit): Client = builder().apply(configure).build()
    }
}

/** Is told how far a download has come. */
public fun interface DownloadProgress {
    /** Bytes received, and bytes to receive where known. Called on the thread that downloads. */
    public fun onProgress(received: Long, total: Long?)
}

/** A file that was downloaded. */
public data class Downloaded(
    /** Its size. */
    public val bytes: Long,
    /** Its hash, in lower-case hexadecimal. */
    public val sha1: String,
)

/** A signed request for another HTTP client. */
public class SignedRequest internal constructor(
    /** Upper-case method. */
    public val method: String,
    /** Absolute URL; path and query are percent-encoded and must not be re-encoded. */
    public val url: String,
    /** All headers that must be sent, `Authorization` among them. */
    public val headers: Map<String, String>,
    /** Body; empty when there is none. */
    public val body: ByteArray,
) {
    /** Shows neither headers nor body nor query: they may hold what must not be logged. */
    override fun toString(): String = "SignedRequest($method, ${url.substringBefore('?')}, ${body.size} bytes)"
}

/** A text encrypted to WeChat Pay. */
public data class EncryptedField(
    /** Base64. */
    public val ciphertext: String,
    /** Serial or id of the key, for the header `Wechatpay-Serial`. */
    public val serial: String,
)
