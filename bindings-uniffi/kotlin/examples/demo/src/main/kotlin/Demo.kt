// The main job, step by step, against a running sandbox: `cargo xtask demo --lang kotlin`.

import com.sun.net.httpserver.HttpServer
import io.github.wechatpayrs.ApiException
import io.github.wechatpayrs.Client
import io.github.wechatpayrs.InvalidRequestException
import io.github.wechatpayrs.Notification
import io.github.wechatpayrs.TradeBillReader
import io.github.wechatpayrs.VerificationException
import io.github.wechatpayrs.WeChatPayException
import io.github.wechatpayrs.bills.TradeBillRequest
import io.github.wechatpayrs.payments.Amount
import io.github.wechatpayrs.payments.QueryByOutTradeNoRequest
import io.github.wechatpayrs.payments.TradeState
import io.github.wechatpayrs.payments.Transaction
import io.github.wechatpayrs.payments.jsapi.JsapiPayer
import io.github.wechatpayrs.payments.jsapi.PrepayRequest
import io.github.wechatpayrs.refunds.CreateRequest
import io.github.wechatpayrs.refunds.CreateAmount
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Files
import java.nio.file.Path
import java.time.LocalDate
import java.time.OffsetDateTime
import java.time.ZoneId
import java.util.concurrent.LinkedBlockingQueue
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

fun main(args: Array<String>) {
    val folder = Path.of(args.single())
    val sandbox = Json.parseToJsonElement(Files.readString(folder.resolve("credentials.json"))) as JsonObject
    fun credential(name: String) = (sandbox[name] as JsonPrimitive).content

    step("A client of merchant ${credential("mchid")}, in public-key mode")
    val client = Client {
        mchid(credential("mchid"))
        privateKey(folder.resolve("apiclient_key.pem"))
        merchantSerial(credential("merchant_serial_no"))
        apiV3Key(credential("api_v3_key"))
        wechatpayPublicKey(credential("wechatpay_public_key_id"), folder.resolve("wechatpay_public_key.pem"))
        baseUrl(credential("base_url"))
    }
    Listener(client).use { listener -> client.use { run(it, listener, ::credential) } }
}

private fun run(client: Client, listener: Listener, credential: (String) -> String) {
    val number = "K${System.currentTimeMillis()}"

    step("prepay: an order of 1.00 yuan, $number")
    val prepay = client.payments.jsapi.prepay(
        PrepayRequest(
            appid = credential("appid"),
            description = "茶 tea 《龙井》",
            out_trade_no = number,
            time_expire = OffsetDateTime.now().plusMinutes(30),
            notify_url = listener.url,
            amount = Amount(total = 100),
            payer = JsapiPayer(openid = credential("openid")),
        ),
    )
    val prepayId = checkNotNull(prepay.prepay_id)
    tell("prepay_id $prepayId, Request-ID ${prepay.requestId}")

    step("parameters with which the page opens the cashier")
    tell(client.jsapiPayment(credential("appid"), prepayId).mapValues { (_, value) -> value.take(40) }.toString())

    step("query: not paid yet")
    val query = QueryByOutTradeNoRequest(out_trade_no = number)
    tell("trade_state ${client.payments.queryByOutTradeNo(query).trade_state}")

    step("the payer pays; WeChat Pay sends a notification")
    post(credential("base_url") + "/sandbox/pay/$prepayId", "{}")
    val notification = listener.notifications.take()
    val paid = notification.resource as Transaction
    tell("${notification.eventType}: ${paid.out_trade_no} ${paid.trade_state}, ${paid.amount?.total} fen, ${paid.success_time}")
    check(paid.trade_state == TradeState.SUCCESS && paid.out_trade_no == number)

    step("query: paid")
    val order = client.payments.queryByOutTradeNo(query)
    check(order.trade_state == TradeState.SUCCESS)
    tell("transaction_id ${order.transaction_id}")

    step("refund of 0.30 yuan")
    val refund = client.refunds.create(
        CreateRequest(
            out_trade_no = number,
            out_refund_no = "R$number",
            reason = "one cup was cold",
            amount = CreateAmount(refund = 30, total = 100, currency = "CNY"),
        ),
    )
    tell("refund_id ${refund.refund_id}, status ${refund.status}")

    step("yesterday's bill, to a file, with progress")
    val day = LocalDate.now(ZoneId.of("Asia/Shanghai")).minusDays(1).toString()
    post(credential("base_url") + "/sandbox/bills", """{"bill_date":"$day","rows":1000}""")
    val bill = client.bills.tradeBill(TradeBillRequest(bill_date = day))
    val path = Files.createTempDirectory("wechatpay-demo").resolve("bill.csv")
    var told = 0
    val done = client.download(bill, path) { _, _ -> told++ }
    TradeBillReader(path).use { rows ->
        val fen = rows.asSequence().sumOf { it.total ?: 0 }
        tell("${done.bytes} bytes, SHA-1 checked, progress told $told times, orders of $fen fen, ${rows.summary()?.get("总交易单数")} rows")
    }
    Files.delete(path)

    step("what goes wrong is told")
    expect<InvalidRequestException> { client.payments.queryByOutTradeNo(QueryByOutTradeNoRequest(out_trade_no = "")) }
    expect<ApiException> { client.payments.queryByOutTradeNo(QueryByOutTradeNoRequest(out_trade_no = "nobody-knows-it")) }
    expect<VerificationException> { client.parseNotification(listener.lastHeaders, listener.lastBody + 32) }
}

/** Takes notifications: raw body and headers go to the client, 204 or 401 go back. */
private class Listener(private val client: Client) : AutoCloseable {
    val notifications = LinkedBlockingQueue<Notification>()
    @Volatile var lastHeaders: Map<String, String> = emptyMap()
    @Volatile var lastBody: ByteArray = ByteArray(0)
    private val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)
    val url: String

    init {
        server.createContext("/notify") { exchange ->
            val headers = exchange.requestHeaders.mapValues { (_, values) -> values.first() }
            val body = exchange.requestBody.readAllBytes()
            val status = try {
                val notification = client.parseNotification(headers, body)
                lastHeaders = headers
                lastBody = body
                notifications += notification
                204
            } catch (error: WeChatPayException) {
                println("    refused: ${error.message}")
                401
            }
            exchange.sendResponseHeaders(status, -1)
            exchange.close()
        }
        server.start()
        url = "http://127.0.0.1:${server.address.port}/notify"
    }

    override fun close(): Unit = server.stop(0)
}

private fun post(url: String, body: String) {
    val request = HttpRequest.newBuilder(URI.create(url)).POST(HttpRequest.BodyPublishers.ofString(body)).build()
    val answer = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString())
    check(answer.statusCode() == 200) { "$url: ${answer.statusCode()} ${answer.body()}" }
}

private inline fun <reified E : WeChatPayException> expect(call: () -> Unit) {
    try {
        call()
    } catch (error: WeChatPayException) {
        check(error is E) { "another error was expected than $error" }
        return tell("${error.javaClass.simpleName} ${error.code}: ${error.description}")
    }
    error("${E::class.simpleName} was expected, and nothing was thrown")
}

private var steps = 0

private fun step(title: String) = println("${++steps}. $title")

private fun tell(text: String) = println("    $text")
