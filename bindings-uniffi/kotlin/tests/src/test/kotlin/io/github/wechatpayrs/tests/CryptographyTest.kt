package io.github.wechatpayrs.tests

import io.github.wechatpayrs.Client
import io.github.wechatpayrs.DecryptionException
import io.github.wechatpayrs.Reply
import io.github.wechatpayrs.VerificationException
import java.net.URI
import java.security.Signature
import java.time.Instant
import java.util.Base64
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.contentOrNull
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.TestInstance

/** `tests/vectors` of the repository beside the JDK's cryptography; no network. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CryptographyTest {
    private val published = repositoryFile("tests/vectors/published.json")
    private val generated = repositoryFile("tests/vectors/generated.json")
    private val merchant = published.member("keys").member("doc.merchant")
    private val merchantKey = Platform.publicHalf(merchant.text("private_key_pem"))
    private val platform = Platform(API_V3_KEY, merchantKey)
    private val client = client(platform.publicKey)

    @AfterAll
    fun close(): Unit = client.close()

    private fun client(platformKey: String, apiV3Key: String = API_V3_KEY): Client = Client {
        mchid(merchant.text("mchid"))
        privateKey(merchant.text("private_key_pem"))
        merchantSerial(merchant.text("serial"))
        apiV3Key(apiV3Key)
        wechatpayPublicKey(Platform.SERIAL, platformKey)
        hkPublicKey(Platform.SERIAL, platformKey)
    }

    private val vectors: List<JsonObject> = published.getValue("vectors").jsonArray.map { it.jsonObject }

    @TestFactory
    fun `what is signed is what is sent, says the published key`(): List<DynamicTest> =
        examples("operations")
            .filter { "request" in it && "upload" !in it }
            .map { example ->
                DynamicTest.dynamicTest(example.text("id")) {
                    val request = client.prepare(example.text("operation"), example.getValue("request").toString())
                    val authorization = request.headers.getValue("Authorization")
                    val (scheme, fields) = authorization.split(' ', limit = 2)
                    assertEquals("WECHATPAY2-SHA256-RSA2048", scheme)
                    val field = Regex("""(\w+)="([^"]*)"""").findAll(fields).associate { it.groupValues[1] to it.groupValues[2] }
                    assertEquals(merchant.text("mchid") to merchant.text("serial"), field["mchid"] to field["serial_no"])
                    val url = URI.create(request.url)
                    val path = url.rawPath + (url.rawQuery?.let { "?$it" } ?: "")
                    val start = "${request.method}\n$path\n${field["timestamp"]}\n${field["nonce_str"]}\n"
                    val verifier = Signature.getInstance("SHA256withRSA").apply {
                        initVerify(merchantKey)
                        update(start.toByteArray() + request.body + '\n'.code.toByte())
                    }
                    assertTrue(verifier.verify(Base64.getDecoder().decode(field["signature"])))
                }
            }

    @Test
    fun `the published answer is old and nothing else is wrong with it`() {
        val vector = vectors.single { it.text("id") == "doc.verify_response" }
        val headers = vector.getValue("headers").jsonObject.mapValues { it.value.jsonPrimitive.content }
        client(published.member("keys").member("doc.wechatpay").text("public_key_pem")).use { documented ->
            val error = assertThrows(VerificationException::class.java) {
                documented.finish("payments.native.prepay", 200, headers, vector.text("body").toByteArray())
            }
            assertEquals("CLOCK_OFF", error.code)
            assertTrue(error.outcomeUnknown)
        }
    }

    @Test
    fun `the published probes are recognised`() {
        val probes = vectors.filter { it.text("type") == "probe signature" }
        assertEquals(2, probes.size)
        for (probe in probes) {
            val headers = Platform.headers(Instant.now().epochSecond.toString(), probe.text("signature"))
            val error = assertThrows(VerificationException::class.java) { client.parseNotification(headers, "{}".toByteArray()) }
            assertEquals("SIGNTEST_PROBE", error.code)
        }
    }

    @Test
    fun `the signature of a published page does not hold, for it belongs to another key`() {
        val invalid = vectors.single { it.text("id") == "doc.verify_response_pubkey_page" }
        val headers = Platform.headers(Instant.now().epochSecond.toString(), invalid.text("signature"))
        client(published.member("keys").member("doc.wechatpay_pubkey_page").text("public_key_pem")).use { documented ->
            val error = assertThrows(VerificationException::class.java) {
                documented.finish("payments.native.prepay", 200, headers, invalid.text("body").toByteArray())
            }
            assertEquals("SIGNATURE_MISMATCH", error.code)
        }
    }

    @Test
    fun `sensitive fields that another library encrypted are decrypted`() {
        val vectors = generated.getValue("oaep").jsonArray.map { it.jsonObject }
        val keys = generated.member("keys")
        Client {
            mchid(generated.text("mchid"))
            privateKey(keys.member("merchant").text("private_key"))
            merchantSerial(generated.text("merchant_serial"))
            apiV3Key(generated.text("api_v3_key"))
            wechatpayPublicKey(generated.text("wechatpay_public_key_id"), keys.member("platform").text("public_key"))
        }.use { client ->
            assertTrue(vectors.isNotEmpty())
            for (vector in vectors) assertEquals(vector.text("plaintext"), client.decryptField(vector.text("ciphertext")))
            assertThrows(DecryptionException::class.java) { client.decryptField(platform.encrypted("to another merchant")) }
        }
    }

    @TestFactory
    fun `every example of an answer comes back as it is`(): List<DynamicTest> =
        examples("operations")
            // The example of certificates.list is cut short; the scenarios have real ones.
            .filter { it["response"] is JsonObject && !it.text("operation").endsWith("certificates.list") }
            .map { example ->
                DynamicTest.dynamicTest(example.text("id")) {
                    val response = example.getValue("response")
                    val sent = onTheWire(example, "response").toString()
                    val answer = client.finish(example.text("operation"), 200, platform.headers(sent), sent.toByteArray())
                    assertEquals(response, Json.parseToJsonElement(answer))
                }
            }

    @TestFactory
    fun `every example of a notification is decrypted and typed`(): List<DynamicTest> =
        examples("notifications").map { example ->
            DynamicTest.dynamicTest(example.text("id")) {
                val resource = example.getValue("resource")
                val original = example["original_type"]?.jsonPrimitive?.contentOrNull
                val body = platform.notification(example.text("event_type"), original, onTheWire(example, "resource"))
                val notification = client.parseNotification(platform.headers(body), body.toByteArray())
                assertEquals(example.text("id"), notification.type)
                assertEquals(resource, notification.json)
                assertInstanceOf(Reply::class.java, notification.resource)
            }
        }

    @Test
    fun `no number changes on its way`() {
        val numbers = """{"safe":9007199254740993,"most":9223372036854775807,"more":18446744073709551615,"text":1000000000000000000000000000001}"""
        val wanted = mapOf("safe" to "9007199254740993", "most" to "9223372036854775807", "more" to "18446744073709551615", "text" to "1000000000000000000000000000001")
        client(platform.publicKey).use { client ->
            val answer = client.finish("payments.query_by_out_trade_no", 200, platform.headers(numbers), numbers.toByteArray())
            assertEquals(wanted, Json.parseToJsonElement(answer).jsonObject.mapValues { it.value.jsonPrimitive.content })
            val body = platform.notification("TRANSACTION.SUCCESS", "transaction", Json.parseToJsonElement(numbers))
            val notification = client.parseNotification(platform.headers(body), body.toByteArray())
            assertEquals(wanted, notification.json.jsonObject.mapValues { it.value.jsonPrimitive.content })
        }
    }

    @Test
    fun `another APIv3 key is said to be the reason`() {
        val body = platform.notification("TRANSACTION.SUCCESS", "transaction", JsonObject(emptyMap()))
        client(platform.publicKey, "another-key-of-32-characters-...").use { other ->
            val error = assertThrows(DecryptionException::class.java) { other.parseNotification(platform.headers(body), body.toByteArray()) }
            assertTrue("APIv3 key" in error.description, error.description)
        }
    }

    /** What is plain in this example is encrypted where it is on the wire. */
    private fun onTheWire(example: JsonObject, of: String): JsonElement {
        val places = example["encrypted"]?.jsonArray.orEmpty().map { it.jsonPrimitive.content }.toSet()
        return sealed(example.getValue(of), places, platform::encrypted)
    }

    private companion object {
        const val API_V3_KEY = "0123456789abcdef0123456789abcdef"

        fun JsonObject.text(name: String): String = getValue(name).jsonPrimitive.content

        fun JsonObject.member(name: String): JsonObject = getValue(name).jsonObject
    }
}
