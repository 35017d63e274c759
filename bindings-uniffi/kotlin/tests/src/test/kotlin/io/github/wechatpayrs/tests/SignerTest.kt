package io.github.wechatpayrs.tests

import io.github.wechatpayrs.Client
import io.github.wechatpayrs.ClientBuilder
import io.github.wechatpayrs.ConfigException
import io.github.wechatpayrs.DecryptionException
import io.github.wechatpayrs.Signer
import io.github.wechatpayrs.SigningException
import io.github.wechatpayrs.WeChatPayException
import io.github.wechatpayrs.junit5.Sandbox
import io.github.wechatpayrs.junit5.WithSandbox
import io.github.wechatpayrs.security.EchoRequest
import java.nio.file.Files
import java.nio.file.Path
import java.security.KeyFactory
import java.security.KeyPairGenerator
import java.security.PrivateKey
import java.security.spec.PKCS8EncodedKeySpec
import java.util.Base64
import java.util.concurrent.atomic.AtomicInteger
import javax.crypto.Cipher
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Assumptions.assumeTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** A signer of one's own: the key is held by the JDK's cryptography, by another process, or by a token. */
@WithSandbox
class SignerTest {
    private fun Sandbox.text(name: String): String = credentials.getValue(name).jsonPrimitive.content

    private fun Sandbox.key(): PrivateKey {
        val base64 = text("merchant_private_key").lines().filterNot { it.startsWith("-----") }.joinToString("")
        return KeyFactory.getInstance("RSA").generatePrivate(PKCS8EncodedKeySpec(Base64.getDecoder().decode(base64)))
    }

    /** Everything but a key. */
    private fun Sandbox.builder(): ClientBuilder = Client.builder()
        .mchid(mchid)
        .merchantSerial(text("merchant_serial_no"))
        .apiV3Key(apiV3Key)
        .wechatpayPublicKey(text("wechatpay_public_key_id"), text("wechatpay_public_key"))
        .baseUrl(baseUrl)

    private fun Sandbox.requests(): Int = control("GET", "/sandbox/requests").jsonObject.getValue("requests").jsonArray.size

    @Test
    fun `a key of the JDK signs and decrypts`(sandbox: Sandbox) {
        sandbox.builder().signer(Signer.of(sandbox.key())).build().use { client ->
            assertNotNull(client.payments.jsapi.prepay(order(sandbox, "KT-S0001")).prepay_id)
            val answer = client.security.echo(EchoRequest(echo_message = "a", encrypted_echo_message = "张三"))
            assertEquals("张三", answer.encrypted_echo_message)
            assertNotNull(client.jsapiPayment(sandbox.appid, "wx201410272009395522657a690389285100")["paySign"])
        }
    }

    @Test
    fun `digests are signed by who asks for them, and sensitive fields stay closed without decrypt`(sandbox: Sandbox) {
        val digests = Signer.ofDigests { digest ->
            assertEquals(32, digest.size)
            // What a KMS does with a digest: PKCS #1 v1.5 around the name of the hash and the hash.
            val named = Base64.getDecoder().decode("MDEwDQYJYIZIAWUDBAIBBQAEIA==") + digest
            Cipher.getInstance("RSA/ECB/PKCS1Padding").run {
                init(Cipher.ENCRYPT_MODE, sandbox.key())
                doFinal(named)
            }
        }
        sandbox.builder().signer(digests).build().use { client ->
            assertNotNull(client.payments.jsapi.prepay(order(sandbox, "KT-S0002")).prepay_id)
            val error = assertThrows(DecryptionException::class.java) {
                client.security.echo(EchoRequest(echo_message = "a", encrypted_echo_message = "b"))
            }
            assertInstanceOf(UnsupportedOperationException::class.java, error.cause)
        }
    }

    @Test
    fun `what a signer throws is the cause, and nothing was sent`(sandbox: Sandbox) {
        val before = sandbox.requests()
        val closed = IllegalStateException("the vault is closed")
        sandbox.builder().signer { throw closed }.build().use { client ->
            val error = assertThrows(SigningException::class.java) { client.payments.jsapi.prepay(order(sandbox, "KT-S0003")) }
            assertSame(closed, error.cause)
            assertFalse(error.outcomeUnknown)
            assertTrue("the vault is closed" in error.description, error.description)
        }
        assertEquals(before, sandbox.requests())
    }

    @Test
    fun `a signer that fails after an answer was lost leaves the outcome unknown`(sandbox: Sandbox) {
        val signed = AtomicInteger()
        val once = Signer { message ->
            check(signed.incrementAndGet() == 1) { "no way to the vault" }
            Signer.of(sandbox.key()).sign(message)
        }
        sandbox.control("POST", "/sandbox/faults", """{"match":{"operation":"payments.jsapi.prepay"},"fault":{"close":"before_answer"}}""")
        sandbox.builder().signer(once).build().use { client ->
            val error = assertThrows(WeChatPayException::class.java) { client.payments.jsapi.prepay(order(sandbox, "KT-S0004")) }
            assertTrue(error.outcomeUnknown)
            assertTrue("vault" in error.description, error.description)
        }
    }

    @Test
    fun `another key than that of the certificate is found before anything is sent`(sandbox: Sandbox) {
        val stranger = KeyPairGenerator.getInstance("RSA").apply { initialize(2048) }.generateKeyPair().private
        val before = sandbox.requests()
        Client.builder().mchid(sandbox.mchid).merchantCertificate(sandbox.text("merchant_certificate")).apiV3Key(sandbox.apiV3Key)
            .wechatpayPublicKey(sandbox.text("wechatpay_public_key_id"), sandbox.text("wechatpay_public_key")).baseUrl(sandbox.baseUrl)
            .signer(Signer.of(stranger)).build().use { client ->
                val error = assertThrows(SigningException::class.java) { client.payments.jsapi.prepay(order(sandbox, "KT-S0005")) }
                assertTrue("another key" in error.description, error.description)
                assertNull(error.cause)
            }
        assertEquals(before, sandbox.requests())
    }

    @Test
    fun `a signer and a private key are one too many`(sandbox: Sandbox) {
        val both = sandbox.clientBuilder().signer { it }
        assertThrows(ConfigException::class.java) { both.build() }
    }

    @Test
    fun `a token signs with a key that never leaves it`(sandbox: Sandbox, @TempDir folder: Path) {
        val library = LIBRARIES.map(Path::of).find(Files::exists)
        assumeTrue(library != null, "SoftHSM2 is not installed")
        Files.writeString(folder.resolve("softhsm2.conf"), "directories.tokendir = ${Files.createDirectory(folder.resolve("tokens"))}\n")
        Files.writeString(folder.resolve("credentials.json"), sandbox.credentials.toString())
        // Its library reads a variable, which a JVM cannot set for itself.
        run(folder, "softhsm2-util", "--init-token", "--free", "--label", "merchant", "--pin", "1234", "--so-pin", "5678")
        val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
        val said = run(
            folder, java, "-cp", System.getProperty("java.class.path"), "io.github.wechatpayrs.tests.TokenKt",
            library.toString(), folder.toString(), folder.resolve("credentials.json").toString(),
        )
        assertTrue("ORDER BY TOKEN {\"code_url\":" in said, said)
    }

    private fun run(folder: Path, vararg command: String): String {
        val builder = ProcessBuilder(*command).redirectErrorStream(true)
        builder.environment()["SOFTHSM2_CONF"] = folder.resolve("softhsm2.conf").toString()
        val process = builder.start()
        val said = process.inputReader().readText()
        assertEquals(0, process.waitFor(), said)
        return said
    }

    private companion object {
        val LIBRARIES = listOf("/usr/lib/softhsm/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so", "/opt/homebrew/lib/softhsm/libsofthsm2.so")
    }
}
