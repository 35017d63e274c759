package io.github.wechatpayrs

import io.github.wechatpayrs.ffi.optionsFromEnv
import java.nio.file.Path
import java.time.Duration
import java.util.Base64
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.jsonObject

/**
 * Options of a [Client].
 *
 * Mandatory: [mchid], a private key, and the serial number of the merchant's API certificate or the certificate itself.
 * To verify answers: the WeChat Pay public key (new merchants have nothing else), or the APIv3 key with which platform
 * certificates are downloaded; both may be given. For notifications: the APIv3 key.
 */
public class ClientBuilder internal constructor() {
    private val options = LinkedHashMap<String, JsonElement>()
    private val publicKeys = ArrayList<JsonElement>()
    private val certificates = ArrayList<JsonElement>()
    private val downloadHosts = ArrayList<JsonElement>()

    private var environment: Map<String, String>? = null

    private fun set(name: String, value: String): ClientBuilder = apply { options[name] = JsonPrimitive(value) }

    /**
     * Takes the options that are not set here from `WECHATPAY_…` variables: the README lists them. A name that is nearly one of them
     * (`WECHATPAY_PUBLIC_KEY_ID`) makes [build] fail.
     */
    @JvmOverloads
    public fun fromEnv(environment: Map<String, String> = System.getenv()): ClientBuilder = apply {
        this.environment = environment.filterKeys { it.startsWith("WECHAT", ignoreCase = true) }
    }

    /** Merchant number. */
    public fun mchid(mchid: String): ClientBuilder = set("mchid", mchid)

    /** The merchant's private key as PEM text, bare base64 included. */
    public fun privateKey(pem: String): ClientBuilder = set("private_key", pem)

    /** The file with the merchant's private key: `apiclient_key.pem`. */
    public fun privateKey(path: Path): ClientBuilder = set("private_key_path", path.toString())

    /** Private key and certificate in a PKCS#12 file (`apiclient_cert.p12`). The password is the [mchid] when left out. */
    @JvmOverloads
    public fun privateKeyPkcs12(content: ByteArray, password: String? = null): ClientBuilder = apply {
        set("private_key_p12_base64", Base64.getEncoder().encodeToString(content))
        if (password != null) set("private_key_password", password)
    }

    /** The PKCS#12 file `apiclient_cert.p12`. The password is the [mchid] when left out. */
    @JvmOverloads
    public fun privateKeyPkcs12(path: Path, password: String? = null): ClientBuilder = apply {
        set("private_key_p12_path", path.toString())
        if (password != null) set("private_key_password", password)
    }

    /** Serial number of the merchant's API certificate: 40 hexadecimal digits. */
    public fun merchantSerial(serial: String): ClientBuilder = set("merchant_serial", serial)

    /** The merchant's API certificate as PEM text; gives the serial number. */
    public fun merchantCertificate(pem: String): ClientBuilder = set("merchant_certificate", pem)

    /** The file with the merchant's API certificate: `apiclient_cert.pem`. */
    public fun merchantCertificate(path: Path): ClientBuilder = set("merchant_certificate_path", path.toString())

    /** The APIv3 key: 32 characters. */
    public fun apiV3Key(key: String): ClientBuilder = set("api_v3_key", key)

    /** A WeChat Pay public key: its id (`PUB_KEY_ID_…`) and the PEM text. May be called several times. */
    public fun wechatpayPublicKey(id: String, pem: String): ClientBuilder = apply {
        publicKeys += JsonObject(mapOf("id" to JsonPrimitive(id), "key" to JsonPrimitive(pem)))
    }

    /** A WeChat Pay public key: its id (`PUB_KEY_ID_…`) and the file, `pub_key.pem`. May be called several times. */
    public fun wechatpayPublicKey(id: String, path: Path): ClientBuilder = apply {
        publicKeys += JsonObject(mapOf("id" to JsonPrimitive(id), "path" to JsonPrimitive(path.toString())))
    }

    /** A platform certificate held locally, as PEM text. May be called several times. */
    public fun platformCertificate(pem: String): ClientBuilder = apply { certificates += JsonPrimitive(pem) }

    /** The root that must have signed downloaded platform certificates, as PEM text. */
    public fun platformRoot(pem: String): ClientBuilder = set("platform_root", pem)

    /** Scheme and host of the API, for a sandbox or a gateway. */
    public fun baseUrl(url: String): ClientBuilder = set("base_url", url)

    /** Whether to go to WeChat Pay's second domain when the first cannot be reached; true by default. */
    public fun failover(enabled: Boolean): ClientBuilder = apply { options["failover"] = JsonPrimitive(enabled) }

    /** Address of the second domain, for a sandbox or a gateway. */
    public fun failoverBaseUrl(url: String): ClientBuilder = set("failover_base_url", url)

    /**
     * Another host that files may be fetched from, such as `files.example.com:8443`. May be called several times. A download is
     * signed, and the signature does not say for which host: it goes only to WeChat Pay's hosts, the base URL's, and these.
     */
    public fun downloadHost(host: String): ClientBuilder = apply { downloadHosts += JsonPrimitive(host) }

    /** Longest time to make a connection. */
    public fun connectTimeout(timeout: Duration): ClientBuilder = seconds("connect_timeout", timeout)

    /** Longest time to wait for an answer. */
    public fun readTimeout(timeout: Duration): ClientBuilder = seconds("read_timeout", timeout)

    /** Longest time for a call as a whole, repetitions included. */
    public fun timeout(timeout: Duration): ClientBuilder = seconds("timeout", timeout)

    private fun seconds(name: String, timeout: Duration): ClientBuilder =
        apply { options[name] = JsonPrimitive(timeout.seconds + timeout.nano / 1e9) }

    /** How often a call is repeated at most, where that is safe. */
    public fun retries(times: Int): ClientBuilder = apply { options["retries"] = JsonPrimitive(times) }

    /** Address of a forward proxy: `http://user:password@proxy:3128`, or `socks5://`. Default: what the environment says. */
    public fun proxy(url: String): ClientBuilder = set("proxy", url)

    /** Roots to trust instead of the platform's, as PEM text. */
    public fun caCertificates(pem: String): ClientBuilder = set("ca_certificates", pem)

    /** Most connections kept; as many calls as there are threads run at once in any case. Default 64. */
    public fun connections(number: Int): ClientBuilder = apply { options["threads"] = JsonPrimitive(number) }

    /** Name of the application, put at the end of the `User-Agent`. */
    public fun userAgent(name: String): ClientBuilder = set("user_agent", name)

    /** Language of WeChat Pay's error messages: `en`, `zh-CN` (its default), `zh-HK` or `zh-TW`. */
    public fun acceptLanguage(language: String): ClientBuilder = set("accept_language", language)

    /** Makes the client. Opens no connection. Fails with a [ConfigException] that says what is wrong. */
    public fun build(): Client {
        val all = LinkedHashMap(options)
        if (publicKeys.isNotEmpty()) all["wechatpay_public_keys"] = JsonArray(publicKeys)
        if (certificates.isNotEmpty()) all["platform_certificates"] = JsonArray(certificates)
        if (downloadHosts.isNotEmpty()) all["download_hosts"] = JsonArray(downloadHosts)
        environment?.let { variables -> all += JSON.parseToJsonElement(native { optionsFromEnv(variables, all.keys.toList()) }).jsonObject }
        all["language"] = JsonPrimitive("Kotlin/${KotlinVersion.CURRENT} Java/${System.getProperty("java.version")}")
        return Client(JsonObject(all).toString())
    }

    /** Shows no key. */
    override fun toString(): String = "ClientBuilder(${options.keys.joinToString()})"
}
