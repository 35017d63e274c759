package io.github.wechatpayrs.tests

import io.github.wechatpayrs.ApiException
import io.github.wechatpayrs.BillReader
import io.github.wechatpayrs.Client
import io.github.wechatpayrs.FundFlowBillReader
import io.github.wechatpayrs.IntegrityException
import io.github.wechatpayrs.MalformedException
import io.github.wechatpayrs.Notification
import io.github.wechatpayrs.TradeBillReader
import io.github.wechatpayrs.bills.BillFile
import io.github.wechatpayrs.bills.TradeBillRequest
import io.github.wechatpayrs.complaints.images.DownloadRequest
import io.github.wechatpayrs.fapiao.applications.FileType
import io.github.wechatpayrs.fapiao.applications.UploadFileRequest
import io.github.wechatpayrs.devices.speakers.QueryRequest as SpeakerRequest
import io.github.wechatpayrs.global.bills.DownloadStatementRequest
import io.github.wechatpayrs.junit5.Sandbox
import io.github.wechatpayrs.junit5.WithSandbox
import io.github.wechatpayrs.payments.Amount
import io.github.wechatpayrs.payments.CloseRequest
import io.github.wechatpayrs.payments.QueryByOutTradeNoRequest
import io.github.wechatpayrs.payments.TradeState
import io.github.wechatpayrs.payments.Transaction
import io.github.wechatpayrs.payments.jsapi.JsapiPayer
import io.github.wechatpayrs.payments.jsapi.PrepayRequest
import io.github.wechatpayrs.refunds.CreateAmount
import io.github.wechatpayrs.refunds.CreateRequest
import java.nio.file.Files
import java.nio.file.Path
import java.time.LocalDate
import java.time.ZoneId
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

/** An order with everything that must be given. */
internal fun order(sandbox: Sandbox, number: String, fen: Long = 100) = PrepayRequest(
    appid = sandbox.appid,
    description = "茶 tea",
    out_trade_no = number,
    notify_url = "http://127.0.0.1:1/notify",
    amount = Amount(total = fen),
    payer = JsapiPayer(openid = sandbox.openid),
)

/** The newest notification as the sandbox sent it: headers and body. */
internal fun newestNotification(sandbox: Sandbox): Pair<Map<String, String>, ByteArray> {
    val list = sandbox.control("GET", "/sandbox/notifications?wait=true").jsonObject.getValue("notifications").jsonArray
    val attempt = list.last().jsonObject.getValue("attempts").jsonArray.last().jsonObject
    val headers = when (val found = attempt.getValue("headers")) {
        is JsonObject -> found.mapValues { it.value.jsonPrimitive.content }
        else -> found.jsonArray.associate { it.jsonArray[0].jsonPrimitive.content to it.jsonArray[1].jsonPrimitive.content }
    }
    return headers to attempt.getValue("body").jsonPrimitive.content.toByteArray()
}

@WithSandbox
class MainFlowTest {
    @Test
    fun `from prepay to paid to refunded`(sandbox: Sandbox, client: Client) {
        val prepay = client.payments.jsapi.prepay(order(sandbox, "KT-0001"))
        assertNotNull(prepay.prepay_id)
        assertNotNull(prepay.requestId)
        assertEquals(200, prepay.httpStatus)
        assertEquals(sandbox.credentials.getValue("wechatpay_public_key_id").jsonPrimitive.content, prepay.signedBy)
        val query = QueryByOutTradeNoRequest(out_trade_no = "KT-0001")
        val unpaid = client.payments.queryByOutTradeNo(query)
        assertEquals(TradeState.NOTPAY, unpaid.trade_state)
        assertNull(unpaid.transaction_id)

        sandbox.control("POST", "/sandbox/pay/KT-0001", "{}")
        val (headers, body) = newestNotification(sandbox)
        val notification: Notification = client.parseNotification(headers, body)
        assertEquals("TRANSACTION.SUCCESS", notification.eventType)
        assertEquals("payments.transaction", notification.type)
        val paid = assertInstanceOf(Transaction::class.java, notification.resource)
        assertEquals("KT-0001", paid.out_trade_no)
        assertEquals(100L, paid.amount?.total)
        assertNotNull(paid.success_time)
        assertEquals(JsonPrimitive("KT-0001"), paid.json["out_trade_no"])

        val refund = client.refunds.create(
            CreateRequest(out_trade_no = "KT-0001", out_refund_no = "KR-0001", amount = CreateAmount(refund = 30, total = 100, currency = "CNY")),
        )
        assertEquals("KR-0001", refund.out_refund_no)
        assertEquals(30L, refund.amount?.refund)
    }

    @Test
    fun `an operation without an answer returns`(sandbox: Sandbox, client: Client) {
        client.payments.jsapi.prepay(order(sandbox, "KT-0002"))
        client.payments.close(CloseRequest(out_trade_no = "KT-0002"))
        assertEquals(TradeState.CLOSED, client.payments.queryByOutTradeNo(QueryByOutTradeNoRequest(out_trade_no = "KT-0002")).trade_state)
    }

    @Test
    fun `a sandbox takes its keys with it`() {
        fun folders() = Files.list(Path.of(System.getProperty("java.io.tmpdir"))).use { all -> all.filter { "wechatpay-sandbox" in it.toString() }.toList().toSet() }
        val before = folders()
        Sandbox.start().use { sandbox ->
            assertTrue((folders() - before).any { it.resolve("credentials.json").toFile().readText().contains(sandbox.baseUrl) })
        }
        assertTrue((folders() - before).none { it.resolve("credentials.json").toFile().exists() })
    }

    @Test
    fun `what this version does not know survives`(sandbox: Sandbox, client: Client) {
        client.payments.jsapi.prepay(order(sandbox, "KT-0003"))
        val body = """{"out_trade_no":"KT-0003","trade_state":"TELEPORTED","amount":{"total":"12","novel":[1]},"payer":7,"success_time":"soon","novel":{"a":1}}"""
        val fault = """{"match":{"operation":"payments.query_by_out_trade_no"},"fault":{"raw_body":${JsonPrimitive(body)}}}"""
        sandbox.control("POST", "/sandbox/faults", fault)
        val order = client.payments.queryByOutTradeNo(QueryByOutTradeNoRequest(out_trade_no = "KT-0003"))
        assertEquals(TradeState("TELEPORTED"), order.trade_state)
        assertEquals("TELEPORTED", order.trade_state?.value)
        assertEquals(12L, order.amount?.total, "a number written as text")
        assertNull(order.payer, "not an object")
        assertNull(order.success_time, "not a time")
        assertNull(order.mchid, "a field that the documentation calls required")
        assertEquals(body, order.json.toString())
    }

    @Test
    fun `a bill comes to a path with progress, and is read row by row`(sandbox: Sandbox, client: Client, @TempDir folder: Path) {
        val day = LocalDate.now(ZoneId.of("Asia/Shanghai")).minusDays(1).toString()
        sandbox.control("POST", "/sandbox/bills", """{"bill_date":"$day","rows":2000}""")
        val file = client.bills.tradeBill(TradeBillRequest(bill_date = day))
        val path = folder.resolve("bill.csv")
        val told = ArrayList<Long>()
        val done = client.download(file, path) { received, _ -> told += received }
        assertEquals(Files.size(path), done.bytes)
        assertEquals(file.hash_value, done.sha1)
        assertEquals(told.sorted(), told)
        assertEquals(done.bytes, told.last())
        BillReader(path).use { bill ->
            assertTrue("微信订单号" in bill.columns)
            val rows = bill.asSequence().toList()
            assertEquals(rows.size.toString(), bill.summary()!!["总交易单数"])
            assertTrue(rows.size >= 2000)
            assertTrue(rows.first().fen("订单金额")!! > 0)
        }
        TradeBillReader(path).use { bill ->
            assertTrue(bill.asSequence().all { it.total!! > 0 && it.refund_id == null })
            assertNotNull(bill.summary())
        }
        val error = assertThrows(MalformedException::class.java) { FundFlowBillReader(path) }
        assertEquals("BILL_COLUMNS", error.code)
    }

    @Test
    fun `a bill with another hash is not left behind`(sandbox: Sandbox, client: Client, @TempDir folder: Path) {
        val day = LocalDate.now(ZoneId.of("Asia/Shanghai")).minusDays(1).toString()
        sandbox.control("POST", "/sandbox/bills", """{"bill_date":"$day","rows":10}""")
        val file = client.bills.tradeBill(TradeBillRequest(bill_date = day))
        val path = folder.resolve("bill.csv")
        fun changed(name: String, value: JsonElement) = JsonObject(file.json + (name to value))
        assertThrows(IntegrityException::class.java) { client.download(file.download_url!!, path, "0".repeat(40)) }
        assertThrows(IntegrityException::class.java) { client.download(BillFile(changed("hash_value", JsonPrimitive("0".repeat(40)))), path) }
        for ((wrong, code) in listOf(changed("hash_type", JsonPrimitive("SHA256")) to "HASH_TYPE", changed("hash_value", JsonNull) to "FILE_ANNOUNCEMENT")) {
            assertEquals(code, assertThrows(MalformedException::class.java) { client.download(BillFile(wrong), path) }.code)
        }
        assertFalse(Files.list(folder).findAny().isPresent)
    }

    @Test
    fun `what a listener throws reaches the caller`(sandbox: Sandbox, client: Client, @TempDir folder: Path) {
        val day = LocalDate.now(ZoneId.of("Asia/Shanghai")).minusDays(1).toString()
        sandbox.control("POST", "/sandbox/bills", """{"bill_date":"$day","rows":10}""")
        val file = client.bills.tradeBill(TradeBillRequest(bill_date = day))
        val mine = IllegalArgumentException("mine")
        val thrown = assertThrows(IllegalArgumentException::class.java) {
            client.download(file, folder.resolve("bill.csv")) { _, _ -> throw mine }
        }
        assertEquals(mine, thrown)
    }

    @Test
    fun `an image is uploaded from a path and from memory`(client: Client, @TempDir folder: Path) {
        val image = folder.resolve("门店.png")
        Files.write(image, ByteArray(1000) { it.toByte() })
        assertNotNull(client.media.uploadImage(image).media_id)
        assertNotNull(client.media.uploadImage("shop.jpg", ByteArray(10)).media_id)
    }

    @Test
    fun `an operation answers with a file`(sandbox: Sandbox, client: Client, @TempDir folder: Path) {
        val path = folder.resolve("statement.csv")
        val request = DownloadStatementRequest(date = "20260808")
        val told = ArrayList<Long>()
        val done = client.global.bills.downloadStatement(request, path) { received, _ -> told += received }
        assertEquals(Files.size(path), done.bytes)
        assertEquals(done.bytes, told.last())
        Files.delete(path)
        sandbox.control("POST", "/sandbox/faults", """{"match":{"operation":"global.bills.download_statement"},"fault":{"alter_body":true}}""")
        val error = assertThrows(IntegrityException::class.java) { client.global.bills.downloadStatement(request, path) }
        assertEquals("global.bills.download_statement", error.operation)
        assertFalse(Files.list(folder).findAny().isPresent)
        val image = folder.resolve("image")
        assertEquals(client.complaints.images.download(DownloadRequest(media_id = "a"), image).bytes, Files.size(image))
    }

    @Test
    fun `an upload says what goes with the file`(client: Client, @TempDir folder: Path) {
        val request = UploadFileRequest(sub_mchid = "1900000109", file_type = FileType.PDF)
        val invoice = folder.resolve("a.pdf")
        Files.write(invoice, ByteArray(100))
        assertNotNull(client.fapiao.applications.uploadFile(request, invoice).fapiao_media_id)
        assertNotNull(client.fapiao.applications.uploadFile(request, "b.pdf", ByteArray(10)).fapiao_media_id)
    }

    @Test
    fun `an answer that nobody documented comes as JSON`(sandbox: Sandbox, client: Client) {
        val ask = { client.devices.speakers.query(SpeakerRequest(device_sn = "7522164923628376")) }
        assertEquals(JsonObject(emptyMap()), ask().json)
        assertNotNull(ask().requestId)
        for ((fault, text) in listOf("""{"raw_body":"[1,\"secret\"]"}""" to """[1,"secret"]""", """{"status":204}""" to "null")) {
            sandbox.control("POST", "/sandbox/faults", """{"match":{"operation":"devices.speakers.query"},"fault":$fault}""")
            val answer = ask()
            assertEquals(text, answer.text)
            assertFalse("secret" in answer.toString())
        }
    }

    @Test
    fun `errors carry their fields`(client: Client) {
        val error = assertThrows(ApiException::class.java) {
            client.payments.queryByOutTradeNo(QueryByOutTradeNoRequest(out_trade_no = "nobody-knows-it"))
        }
        assertEquals("ORDER_NOT_EXIST", error.code)
        assertEquals(404, error.status)
        assertEquals("payments.query_by_out_trade_no", error.operation)
        assertNotNull(error.requestId)
        assertFalse(error.authenticated)
        assertFalse(error.outcomeUnknown)
        assertTrue("ORDER_NOT_EXIST" in error.message!! && error.requestId!! in error.message!!)
    }

    @Test
    fun `prepare and finish work with another HTTP client`(sandbox: Sandbox, client: Client) {
        val request = client.prepare("payments.jsapi.prepay", """{"appid":"${sandbox.appid}","description":"tea","out_trade_no":"KT-0004","notify_url":"http://127.0.0.1:1/notify","amount":{"total":1},"payer":{"openid":"${sandbox.openid}"}}""")
        val http = java.net.http.HttpClient.newHttpClient()
        val message = java.net.http.HttpRequest.newBuilder(java.net.URI.create(request.url))
            .method(request.method, java.net.http.HttpRequest.BodyPublishers.ofByteArray(request.body))
        for ((name, value) in request.headers) if (!name.equals("host", true) && !name.equals("content-length", true)) message.header(name, value)
        val answer = http.send(message.build(), java.net.http.HttpResponse.BodyHandlers.ofByteArray())
        val headers = answer.headers().map().mapValues { it.value.first() }
        val json = client.finish("payments.jsapi.prepay", answer.statusCode(), headers, answer.body())
        assertTrue("prepay_id" in json)
        assertFalse("Authorization" in request.toString())
    }
}
