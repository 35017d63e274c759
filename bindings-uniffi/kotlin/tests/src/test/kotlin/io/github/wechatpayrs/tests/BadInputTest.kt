package io.github.wechatpayrs.tests

import io.github.wechatpayrs.Client
import io.github.wechatpayrs.ClosedException
import io.github.wechatpayrs.ConfigException
import io.github.wechatpayrs.ErrorKind
import io.github.wechatpayrs.Fen
import io.github.wechatpayrs.InternalException
import io.github.wechatpayrs.InvalidRequestException
import io.github.wechatpayrs.IoException
import io.github.wechatpayrs.BillReader
import io.github.wechatpayrs.MalformedException
import io.github.wechatpayrs.VerificationException
import io.github.wechatpayrs.WeChatPayException
import io.github.wechatpayrs.junit5.Sandbox
import io.github.wechatpayrs.junit5.WithSandbox
import io.github.wechatpayrs.payments.Identity
import io.github.wechatpayrs.payments.IdentityType
import io.github.wechatpayrs.payments.QueryByOutTradeNoRequest
import java.nio.file.Files
import java.nio.file.Path
import java.time.Duration
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

@WithSandbox
class BadInputTest {
    private inline fun <reified E : WeChatPayException> fails(noinline call: () -> Unit): E = assertThrows(E::class.java) { call() }

    @Test
    fun `a client without options says what is missing`() {
        val error = fails<ConfigException> { Client.builder().build() }
        assertTrue("mchid" in error.message!!, error.message)
    }

    @Test
    fun `a wrong key says what it is instead, and is not shown`(sandbox: Sandbox) {
        val publicKey = sandbox.credentials.getValue("wechatpay_public_key").jsonPrimitive.content
        val error = fails<ConfigException> { sandbox.clientBuilder().privateKey(publicKey).build() }
        assertTrue("public key" in error.message!!.lowercase(), error.message)
        assertFalse(publicKey.lines()[1] in error.stackTraceToString())
        assertFalse(sandbox.apiV3Key in sandbox.clientBuilder().toString())
    }

    @Test
    fun `time-outs must make sense`(sandbox: Sandbox) {
        fails<ConfigException> { sandbox.clientBuilder().timeout(Duration.ZERO).build() }
        fails<ConfigException> { sandbox.clientBuilder().timeout(Duration.ofDays(400)).build() }
    }

    @Test
    fun `a key file that is not there is named`(sandbox: Sandbox, @TempDir folder: Path) {
        val error = fails<WeChatPayException> { sandbox.clientBuilder().privateKey("").privateKey(folder.resolve("none.pem")).build() }
        assertTrue(error.kind == ErrorKind.CONFIG || error.kind == ErrorKind.IO, error.toString())
    }

    @Test
    fun `requests are checked before they are sent`(sandbox: Sandbox, client: Client) {
        fun code(params: String) = fails<InvalidRequestException> { client.call("payments.query_by_out_trade_no", params) }.code
        assertEquals("MISSING_PARAMETER", code("{}"))
        assertEquals("UNKNOWN_PARAMETER", code("""{"out_trade_no":"1","out_trade_nr":"2"}"""))
        assertEquals("WRONG_TYPE", code("""{"out_trade_no":7}"""))
        assertEquals("TOO_LONG", code("""{"out_trade_no":"${"x".repeat(33)}"}"""))
        assertEquals("EMPTY_PARAMETER", code("""{"out_trade_no":""}"""))
        assertEquals("UNSUPPORTED_CHARACTER", code("""{"out_trade_no":"🍵"}"""))
        fails<InvalidRequestException> { client.call("payments.query_by_out_trade_no", "[[".repeat(100_000)) }
        fails<InvalidRequestException> { client.call("payments.query_by_out_trade_no", "not json") }
        fails<InvalidRequestException> { client.finish("payments.close", 70_000, emptyMap(), ByteArray(0)) }
        val error = fails<InvalidRequestException> { client.call("payments.jsapi.pre", "{}") }
        assertTrue("payments.jsapi.prepay" in error.message!!, error.message)
        assertEquals("""{"requests":[]}""", sandbox.control("GET", "/sandbox/requests").toString())
    }

    @Test
    fun `lone surrogates and NUL do no harm`(client: Client) {
        for (text in listOf("a\uD800b", "a\u0000b")) {
            assertThrows(WeChatPayException::class.java) { client.payments.queryByOutTradeNo(QueryByOutTradeNoRequest(out_trade_no = text)) }
        }
    }

    @Test
    fun `notifications that are not WeChat Pay's are refused with the reason`(sandbox: Sandbox, client: Client) {
        client.payments.jsapi.prepay(order(sandbox, "KB-0001"))
        sandbox.control("POST", "/sandbox/pay/KB-0001", "{}")
        val (headers, body) = newestNotification(sandbox)
        fun code(headers: Map<String, String>, body: ByteArray) = fails<VerificationException> { client.parseNotification(headers, body) }.code
        assertEquals("MISSING_HEADER", code(emptyMap(), body))
        assertEquals("SIGNATURE_MISMATCH", code(headers, body + ' '.code.toByte()))
        // Parsed and written anew, as frameworks do that hand out objects.
        assertEquals("SIGNATURE_MISMATCH", code(headers, Json.parseToJsonElement(String(body)).toString().toByteArray()))
        assertEquals("UNKNOWN_SERIAL", code(headers.filterKeys { !it.equals("wechatpay-serial", true) } + ("Wechatpay-Serial" to "PUB_KEY_ID_1"), body))
        assertEquals("CLOCK_OFF", code(headers.filterKeys { !it.equals("wechatpay-timestamp", true) } + ("Wechatpay-Timestamp" to "1500000000"), body))
        assertEquals("KB-0001", (client.parseNotification(headers.mapKeys { it.key.lowercase() }, body).json.toString().substringAfter("\"out_trade_no\":\"").substringBefore('"')))
    }

    @Test
    fun `after close everything says so`(sandbox: Sandbox) {
        val client = sandbox.client()
        client.close()
        client.close()
        val error = fails<ClosedException> { client.payments.queryByOutTradeNo(QueryByOutTradeNoRequest(out_trade_no = "1")) }
        assertEquals(ErrorKind.CLOSED, error.kind)
        fails<ClosedException> { client.parseNotification(emptyMap(), ByteArray(0)) }
        fails<ClosedException> { client.encryptField("x") }
    }

    @Test
    fun `a panic in Rust is an exception, and the client lives on`(client: Client, sandbox: Sandbox) {
        // Libraries for tests, and no others, have this operation: feature `provoke-panic` of bindings-uniffi.
        val error = fails<InternalException> { client.call("test.panic", "{}") }
        assertEquals("PANIC", error.code)
        assertTrue("provoked by a test" in error.message!! && "report" in error.message!!, error.message)
        assertTrue(error.outcomeUnknown)
        client.payments.jsapi.prepay(order(sandbox, "KB-0002"))
    }

    @Test
    fun `what is not a bill is not read`(@TempDir folder: Path) {
        val path = folder.resolve("bill.csv")
        fails<IoException> { BillReader(path) }
        Files.writeString(path, """{"code":"NO_STATEMENT_EXIST"}""")
        fails<MalformedException> { BillReader(path) }
        Files.writeString(path, "甲,订单金额\n`1,`12.30\n`2,`1e2\n总交易单数,总额\n`2,`x\n")
        BillReader(path).use { bill ->
            assertEquals(1230L, bill.next().fen("订单金额"))
            val error = fails<MalformedException> { bill.next().fen("订单金额") }
            assertTrue(error.code == "NOT_AN_AMOUNT" && "订单金额" in error.message!!, error.message)
        }
        for (text in listOf("1e2", "12.", ".5", " 1", "")) {
            assertEquals("NOT_AN_AMOUNT", fails<MalformedException> { Fen.ofYuan(text) }.code)
        }
        assertEquals(7L, Fen.ofYuan("0.07000"))
        Files.writeString(path, "甲,乙\n`1,`2\n")
        assertEquals("BILL_CUT", fails<MalformedException> { BillReader(path).use { it.asSequence().toList() } }.code)
        assertEquals(1, BillReader(path, totals = false).use { it.asSequence().count() })
        val bill = BillReader(path)
        bill.close()
        fails<ClosedException> { bill.hasNext() }
    }

    @Test
    fun `rows come in their order, and what is wrong at its place`(@TempDir folder: Path) {
        // Rows cross in dozens; nobody is to see that.
        val path = folder.resolve("bill.csv")
        val rows = (1..300).joinToString("") { if (it in setOf(64, 65, 200)) "`$it\n" else "`$it,`2\n" }
        Files.writeString(path, "甲,乙\n${rows}总交易单数,总额\n`300,`600\n")
        BillReader(path).use { bill ->
            val seen = ArrayList<String>()
            while (true) {
                try {
                    if (!bill.hasNext()) break
                    assertNull(bill.summary(), "only after the last row")
                    seen += bill.next()["甲"]!!
                } catch (error: MalformedException) {
                    seen += error.code
                }
            }
            assertEquals((1..300).map { if (it in setOf(64, 65, 200)) "BILL_ROW" else "$it" }, seen)
            assertEquals("300", bill.summary()!!["总交易单数"])
            assertThrows(NoSuchElementException::class.java) { bill.next() }
        }
    }

    @Test
    fun `a missing native library names the platform and what to do`() {
        val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
        val process = ProcessBuilder(
            java, "-Dio.github.wechatpayrs.library=nowhere-to-be-found",
            "-cp", System.getProperty("java.class.path"), "io.github.wechatpayrs.tests.MissingNativeKt",
        ).redirectErrorStream(true).start()
        val output = process.inputReader().readText()
        assertEquals(0, process.waitFor(), output)
        assertTrue("CONFIG NATIVE_LIBRARY" in output, output)
        assertTrue(com.sun.jna.Platform.RESOURCE_PREFIX in output, output)
        assertTrue("cargo build" in output, output)
    }

    @Test
    fun `what is encrypted on the wire is not shown`() {
        val identity = Identity(type = IdentityType.IDCARD, number = "110101199003078515", name = "张三")
        assertFalse("110101199003078515" in identity.toString() || "张三" in identity.toString(), identity.toString())
    }
}
