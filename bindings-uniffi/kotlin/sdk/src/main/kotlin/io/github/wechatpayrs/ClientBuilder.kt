package io.github.wechatpayrs

import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/**
 * Makes a [Client] from options: those of [ClientOptions], which also says what is needed, and `WECHATPAY_…` variables.
 */
public class ClientBuilder internal constructor() : ClientOptions() {
    private var environment: Map<String, String>? = null
    private var signer: Signer? = null

    override fun self(): ClientBuilder = this

    /**
     * Takes the options that are not set here from `WECHATPAY_…` variables: the README lists them. A name that is nearly one of them
     * (`WECHATPAY_PUBLIC_KEY_ID`) makes [build] fail.
     */
    @JvmOverloads
    public fun fromEnv(environment: Map<String, String> = System.getenv()): ClientBuilder = apply {
        this.environment = environment.filterKeys { it.startsWith("WECHAT", ignoreCase = true) }
    }

    /** Signs in place of a private key, in front of a KMS or an HSM. Give the merchant's certificate too: it shows whether the key fits. */
    public fun signer(value: Signer): ClientBuilder = apply { signer = value }

    /** Makes the client. Opens no connection. Fails with a [ConfigException] that says what is wrong. */
    public fun build(): Client {
        val all = all()
        environment?.let { variables -> all += objectIn(exchange(Arguments("options_from_env").pairs(variables).texts(all.keys)).text()) }
        all["language"] = JsonPrimitive("Kotlin/${KotlinVersion.CURRENT} Java/${System.getProperty("java.version")}")
        return Client(JsonObject(all).toString(), signer)
    }
}
