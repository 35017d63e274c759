package io.github.wechatpayrs.junit5

import io.github.wechatpayrs.Client
import io.github.wechatpayrs.ClientBuilder
import java.io.IOException
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Files
import java.nio.file.Path
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.contentOrNull

/**
 * A running sandbox: a local WeChat Pay that checks the client as the real one does, signs its answers, keeps state, and
 * sends notifications. It ends with [close], and with this JVM.
 */
public class Sandbox private constructor(
    private val process: Process?,
    /** What `credentials.json` of the sandbox says. */
    public val credentials: JsonObject,
    /** A folder that goes when this ends; it holds keys, if only the sandbox's. */
    private val temporary: Path? = null,
) : AutoCloseable {
    private val http: HttpClient by lazy { HttpClient.newHttpClient() }

    private fun credential(name: String): String = (credentials[name] as? JsonPrimitive)?.contentOrNull
        ?: throw IllegalStateException("the sandbox's credentials have no $name; sandbox and SDK are of different versions")

    /** Where it listens. */
    public val baseUrl: String get() = credential("base_url")

    /** Merchant number. */
    public val mchid: String get() = credential("mchid")

    /** App id bound to the merchant. */
    public val appid: String get() = credential("appid")

    /** A payer under the app id. */
    public val openid: String get() = credential("openid")

    /** The APIv2 key. */
    public val apiV2Key: String get() = credential("api_v2_key")

    /** The APIv3 key. */
    public val apiV3Key: String get() = credential("api_v3_key")

    /** A builder with everything that a client of the sandbox needs: keys, public-key mode, address. */
    public fun clientBuilder(): ClientBuilder = Client.builder()
        .mchid(mchid)
        .privateKey(credential("merchant_private_key"))
        .merchantSerial(credential("merchant_serial_no"))
        .apiV2Key(apiV2Key)
        .apiV3Key(apiV3Key)
        .wechatpayPublicKey(credential("wechatpay_public_key_id"), credential("wechatpay_public_key"))
        .baseUrl(baseUrl)

    /** A client of the sandbox; the caller closes it. */
    public fun client(): Client = clientBuilder().build()

    /**
     * Asks the sandbox's control plane: `control("POST", "/sandbox/pay/" + outTradeNo, "{}")` lets the payer pay. The
     * README of the sandbox lists what there is. Fails when the answer is not a 2xx.
     */
    @JvmOverloads
    public fun control(method: String, path: String, body: String? = null): JsonElement {
        val publisher = if (body == null) HttpRequest.BodyPublishers.noBody() else HttpRequest.BodyPublishers.ofString(body)
        val request = HttpRequest.newBuilder(URI.create(baseUrl + path)).method(method, publisher)
            .header("Content-Type", "application/json").build()
        val answer = http.send(request, HttpResponse.BodyHandlers.ofString())
        check(answer.statusCode() in 200..299) { "$method $path: ${answer.statusCode()} ${answer.body()}" }
        return Json.parseToJsonElement(answer.body())
    }

    override fun close() {
        if (process == null) return
        // It runs with --exit-with-parent: the end of its input is the end of it.
        process.outputStream.close()
        process.destroy()
        process.waitFor()
        temporary?.toFile()?.deleteRecursively()
    }

    public companion object {
        private const val READY = "WECHATPAY_SANDBOX_READY "

        /**
         * Starts a sandbox on a free port. The program is the system property `wechatpay.sandbox`, or else the environment
         * variable `WECHATPAY_SANDBOX`, or else `wechatpay-sandbox` on the path. Without a [folder] for its keys and
         * certificates it has one of its own until it ends.
         */
        @JvmStatic
        @JvmOverloads
        public fun start(folder: Path? = null): Sandbox {
            val home = folder ?: Files.createTempDirectory("wechatpay-sandbox")
            val program = System.getProperty("wechatpay.sandbox") ?: System.getenv("WECHATPAY_SANDBOX") ?: "wechatpay-sandbox"
            val process = try {
                ProcessBuilder(program, "--out", home.toString(), "--port", "0", "--exit-with-parent", "--quiet")
                    .redirectError(ProcessBuilder.Redirect.INHERIT).start()
            } catch (error: IOException) {
                throw IllegalStateException(
                    "$program cannot be started (${error.message}). Install it with `cargo install wechatpay-sandbox`, and put " +
                        "it on the path or name it with the environment variable WECHATPAY_SANDBOX.",
                    error,
                )
            }
            val output = process.inputReader()
            while (true) {
                val line = output.readLine() ?: throw IllegalStateException("the sandbox ended before it was ready")
                if (!line.startsWith(READY)) continue
                // What it says later must go somewhere, or the pipe fills up and the sandbox stops.
                Thread({ output.forEachLine { } }, "wechatpay-sandbox-output").apply { isDaemon = true }.start()
                return Sandbox(process, credentialsIn(home), home.takeIf { folder == null })
            }
        }

        /** A sandbox that something else started and will end: the folder is its `--out`. */
        @JvmStatic
        public fun running(folder: Path): Sandbox = Sandbox(null, credentialsIn(folder))

        private fun credentialsIn(folder: Path): JsonObject =
            Json.parseToJsonElement(Files.readString(folder.resolve("credentials.json"))) as JsonObject
    }
}
