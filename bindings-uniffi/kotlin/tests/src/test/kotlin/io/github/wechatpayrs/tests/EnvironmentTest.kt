package io.github.wechatpayrs.tests

import io.github.wechatpayrs.Client
import io.github.wechatpayrs.ConfigException
import io.github.wechatpayrs.junit5.Sandbox
import io.github.wechatpayrs.junit5.WithSandbox
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import java.util.Base64
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

@WithSandbox
class EnvironmentTest {
    private val p12 = repository("core/tests/keys/merchant-modern.p12")

    private fun Sandbox.text(name: String) = credentials.getValue(name).jsonPrimitive.content

    /** What a deployment would set. */
    private fun environment(sandbox: Sandbox) = mapOf(
        "WECHATPAY_MCHID" to sandbox.text("mchid"),
        "WECHATPAY_PRIVATE_KEY" to sandbox.text("merchant_private_key").replace("\n", "\\n"),
        "WECHATPAY_MERCHANT_SERIAL" to sandbox.text("merchant_serial_no"),
        "WECHATPAY_WECHATPAY_PUBLIC_KEY" to Base64.getEncoder().encodeToString(sandbox.text("wechatpay_public_key").toByteArray()),
        "WECHATPAY_WECHATPAY_PUBLIC_KEY_ID" to sandbox.text("wechatpay_public_key_id"),
        "WECHATPAY_BASE_URL" to sandbox.text("base_url"),
        "WECHATPAY_TIMEOUT" to "12.5",
        "WECHATPAY_APPID" to "the application reads this one",
    )

    private fun refused(make: () -> Client): String = assertThrows(ConfigException::class.java) { make().close() }.message!!

    @Test
    fun `a client is made from the environment`(sandbox: Sandbox) {
        Client { fromEnv(environment(sandbox)) }.use { client -> assertEquals(sandbox.text("mchid"), client.mchid) }
        assertTrue("WECHATPAY_MCHID is not set" in refused { Client { fromEnv(emptyMap()) } })
    }

    @Test
    fun `names that are nearly right are refused with the right one, and options go before variables`(sandbox: Sandbox) {
        val right = "WECHATPAY_WECHATPAY_PUBLIC_KEY_ID"
        val wrong = environment(sandbox) - right + ("WECHATPAY_PUBLIC_KEY_ID" to sandbox.text("wechatpay_public_key_id"))
        val message = refused { Client { fromEnv(wrong) } }
        assertTrue("WECHATPAY_PUBLIC_KEY_ID is not read" in message && "is called $right" in message, message)
        Client {
            fromEnv(wrong)
            wechatpayPublicKey(sandbox.text("wechatpay_public_key_id"), sandbox.text("wechatpay_public_key"))
            timeout(Duration.ofSeconds(5))
        }.close()
        assertTrue("WECHATPAY_TIMEOUT" in refused { Client { fromEnv(environment(sandbox) + ("WECHATPAY_TIMEOUT" to "soon")) } })
    }

    @Test
    fun `keys in files and in PKCS#12 are read, and errors name the option`(sandbox: Sandbox, @TempDir folder: Path) {
        val others = environment(sandbox) - "WECHATPAY_PRIVATE_KEY"
        val both = folder.resolve("both.pem")
        Files.writeString(both, sandbox.text("merchant_certificate") + sandbox.text("merchant_private_key"), Charsets.UTF_16)
        Client { fromEnv(others + ("WECHATPAY_PRIVATE_KEY_PATH" to both.toString())) }.close()
        Client { fromEnv(others).privateKeyPkcs12(p12, "1900000001") }.close()
        assertTrue("the password of privateKeyPkcs12" in refused { Client { fromEnv(others).privateKeyPkcs12(p12, "wrong") } })
        val message = refused { Client { fromEnv(others).privateKey(p12) } }
        assertTrue("PKCS#12 file (.p12). Load it with privateKeyPkcs12" in message, message)
    }
}
