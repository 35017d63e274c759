// Our SDK beside wechatpay-java, both in this JVM, taking turns. Times are CPU time of the process, so that other programs on the
// machine matter less. RSA keys of 2048 bits; the server is the sandbox, in a process of its own.

import com.sun.management.OperatingSystemMXBean
import com.wechat.pay.java.core.RSAPublicKeyConfig
import com.wechat.pay.java.core.http.DefaultHttpClientBuilder
import com.wechat.pay.java.core.http.HttpHeaders
import com.wechat.pay.java.core.notification.NotificationParser
import com.wechat.pay.java.core.notification.RSAPublicKeyNotificationConfig
import com.wechat.pay.java.core.notification.RequestParam
import com.wechat.pay.java.service.payments.jsapi.JsapiService
import com.wechat.pay.java.service.payments.jsapi.model.QueryOrderByOutTradeNoRequest
import io.github.wechatpayrs.Client
import io.github.wechatpayrs.TradeBillReader
import io.github.wechatpayrs.junit5.Sandbox
import io.github.wechatpayrs.payments.Amount
import io.github.wechatpayrs.payments.Transaction
import io.github.wechatpayrs.payments.QueryByOutTradeNoRequest
import io.github.wechatpayrs.payments.jsapi.JsapiPayer
import io.github.wechatpayrs.payments.jsapi.PrepayRequest
import java.io.File
import java.lang.management.ManagementFactory
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicLong
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import okhttp3.ConnectionPool
import okhttp3.Interceptor
import okhttp3.OkHttpClient

private val os = ManagementFactory.getOperatingSystemMXBean() as OperatingSystemMXBean

/** The JVM compiles for good what was called tens of thousands of times: until then it is its compiler that is measured. */
private const val WARM_CALLS = 60_000
private const val WARM_SECONDS = 15L

/** Microseconds of CPU per call: the middle of five rounds, ours and theirs by turns, once both are warm. */
private fun measure(seconds: Double, ours: () -> Unit, theirs: () -> Unit): Pair<Double, Double> {
    val both = listOf(ours, theirs)
    for (call in both) {
        val end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WARM_SECONDS)
        var calls = 0
        while (calls++ < WARM_CALLS && System.nanoTime() < end) call()
    }
    val rounds = listOf(ArrayList<Double>(), ArrayList())
    repeat(5) {
        for ((index, call) in both.withIndex()) {
            val end = System.nanoTime() + (seconds * 1e9 / 5).toLong()
            val before = os.processCpuTime
            var calls = 0L
            do {
                call()
                calls++
            } while (System.nanoTime() < end)
            rounds[index] += (os.processCpuTime - before) / 1e3 / calls
        }
    }
    return rounds.map { it.sorted()[it.size / 2] }.let { (a, b) -> a to b }
}

/** Calls per second of CPU of this process, and per second of the clock. */
private fun load(threads: Int, seconds: Double, call: () -> Unit): Pair<Double, Double> {
    val pool = Executors.newFixedThreadPool(threads)
    fun run(seconds: Double): Long {
        val calls = AtomicLong()
        val end = System.nanoTime() + (seconds * 1e9).toLong()
        (1..threads).map { pool.submit { while (System.nanoTime() < end) { call(); calls.incrementAndGet() } } }.forEach { it.get() }
        return calls.get()
    }
    run(WARM_SECONDS / 2.0)
    val cpu = os.processCpuTime
    val start = System.nanoTime()
    val calls = run(seconds)
    val result = calls / ((os.processCpuTime - cpu) / 1e9) to calls / ((System.nanoTime() - start) / 1e9)
    pool.shutdown()
    pool.awaitTermination(10, TimeUnit.SECONDS)
    return result
}

private fun row(name: String, ours: Double, theirs: Double, unit: String, better: Double) =
    println("%-44s %12.1f %16.1f  %-10s %6.2f×".format(name, ours, theirs, unit, better))

fun main(args: Array<String>) {
    val seconds = args.single().toDouble()
    val sandbox = Sandbox.start()
    fun credential(name: String) = sandbox.credentials.getValue(name).jsonPrimitive.content
    val ours = sandbox.client()

    fun config() = RSAPublicKeyConfig.Builder().merchantId(sandbox.mchid).privateKey(credential("merchant_private_key"))
        .publicKey(credential("wechatpay_public_key")).publicKeyId(credential("wechatpay_public_key_id"))
        .merchantSerialNumber(credential("merchant_serial_no")).apiV3Key(sandbox.apiV3Key).build()
    val config = config()
    // wechatpay-java knows WeChat Pay's own hosts only: the request is turned to the sandbox after it was signed.
    val base = URI.create(sandbox.baseUrl)
    val turn = Interceptor { chain ->
        val url = chain.request().url.newBuilder().scheme("http").host(base.host).port(base.port).build()
        chain.proceed(chain.request().newBuilder().url(url).build())
    }
    val okHttp = OkHttpClient.Builder().addInterceptor(turn).connectionPool(ConnectionPool(32, 7, TimeUnit.SECONDS)).build()
    val theirs = JsapiService.Builder().httpClient(DefaultHttpClientBuilder().config(config).okHttpClient(okHttp).build()).build()

    fun order(number: String) = ours.payments.jsapi.prepay(
        PrepayRequest(
            appid = sandbox.appid, description = "tea", out_trade_no = number, notify_url = "http://127.0.0.1:1/notify",
            amount = Amount(total = 100), payer = JsapiPayer(openid = sandbox.openid),
        ),
    )
    order("BENCH-1")
    val query = """{"out_trade_no":"BENCH-1"}"""
    println("%-44s %12s %16s  %-10s %7s".format("", "wechatpay-rs", "wechatpay-java", "", "ours"))

    val credentialOfTheirs = config.createCredential()
    val uri = URI.create("https://api.mch.weixin.qq.com/v3/pay/transactions/out-trade-no/BENCH-1?mchid=${sandbox.mchid}")
    measure(seconds, { ours.prepare("payments.query_by_out_trade_no", query) }, { credentialOfTheirs.getAuthorization(uri, "GET", "") })
        .let { (a, b) -> row("sign a request (ours: build and check it too)", a, b, "µs CPU", b / a) }

    // One signed answer, verified again and again.
    val request = ours.prepare("payments.query_by_out_trade_no", query)
    val message = HttpRequest.newBuilder(URI.create(request.url)).GET()
    for ((name, value) in request.headers) if (name.lowercase() !in setOf("host", "content-length")) message.header(name, value)
    val answer = HttpClient.newHttpClient().send(message.build(), HttpResponse.BodyHandlers.ofString())
    val headers = answer.headers().map().mapValues { it.value.first() }
    val theirHeaders = HttpHeaders().apply {
        // Their lookup minds the case of letters.
        for (name in listOf("Wechatpay-Serial", "Wechatpay-Signature", "Wechatpay-Timestamp", "Wechatpay-Nonce", "Request-ID")) {
            headers.entries.find { it.key.equals(name, true) }?.let { addHeader(name, it.value) }
        }
    }
    val validator = config.createValidator()
    val body = answer.body().toByteArray()
    check(validator.validate<Any>(theirHeaders, answer.body()))
    measure(seconds, { ours.finish("payments.query_by_out_trade_no", 200, headers, body) }, { validator.validate<Any>(theirHeaders, answer.body()) })
        .let { (a, b) -> row("verify an answer (ours: decode it too)", a, b, "µs CPU", b / a) }

    sandbox.control("POST", "/sandbox/pay/BENCH-1", "{}")
    val sent = sandbox.control("GET", "/sandbox/notifications?wait=true").jsonObject.getValue("notifications").jsonArray.last().jsonObject
    val attempt = sent.getValue("attempts").jsonArray.last().jsonObject
    val sentHeaders = when (val found = attempt.getValue("headers")) {
        is JsonObject -> found.mapValues { it.value.jsonPrimitive.content }
        else -> found.jsonArray.associate { it.jsonArray[0].jsonPrimitive.content to it.jsonArray[1].jsonPrimitive.content }
    }
    fun header(name: String) = sentHeaders.entries.first { it.key.equals(name, true) }.value
    val sentBody = attempt.getValue("body").jsonPrimitive.content
    val sentBytes = sentBody.toByteArray()
    val parser = NotificationParser(
        RSAPublicKeyNotificationConfig.Builder().publicKey(credential("wechatpay_public_key"))
            .publicKeyId(credential("wechatpay_public_key_id")).apiV3Key(sandbox.apiV3Key).build(),
    )
    fun parsed() = parser.parse(
        RequestParam.Builder().serialNumber(header("Wechatpay-Serial")).nonce(header("Wechatpay-Nonce"))
            .signature(header("Wechatpay-Signature")).timestamp(header("Wechatpay-Timestamp")).body(sentBody).build(),
        com.wechat.pay.java.service.payments.model.Transaction::class.java,
    )
    // Typed on both sides: the class is filled in when `resource` is asked for.
    fun ourParsed() = ours.parseNotification(sentHeaders, sentBytes).resource as Transaction
    check(parsed().outTradeNo == "BENCH-1" && ourParsed().out_trade_no == "BENCH-1")
    measure(seconds, { ourParsed() }, { parsed() })
        .let { (a, b) -> row("whole notification: verify, decrypt, type", a, b, "µs CPU", b / a) }

    measure(seconds, { sandbox.client().close() }, { JsapiService.Builder().config(config()).build() })
        .let { (a, b) -> row("construction of a client", a, b, "µs CPU", b / a) }

    // wechatpay-java reads no bills.
    val bill = tradeBill(ROWS)
    println("%-44s %12.1f %16s  %-10s".format("a row of a trade bill, typed", measure(seconds, { check(readBill(bill) == ROWS * 1230L) }, {}).first / ROWS, "", "µs CPU"))
    Files.delete(bill)

    val ask = QueryByOutTradeNoRequest(out_trade_no = "BENCH-1")
    val theirAsk = QueryOrderByOutTradeNoRequest().apply { outTradeNo = "BENCH-1"; mchid = sandbox.mchid }
    for (threads in listOf(1, 16)) {
        val a = load(threads, seconds) { ours.payments.queryByOutTradeNo(ask) }
        val b = load(threads, seconds) { theirs.queryOrderByOutTradeNo(theirAsk) }
        row("requests, $threads threads, per second of our CPU", a.first, b.first, "1/s CPU", a.first / b.first)
        row("requests, $threads threads, per second", a.second, b.second, "1/s", a.second / b.second)
    }
    sizes()
    ours.close()
    sandbox.close()
}

private const val ROWS = 5_000

private fun readBill(bill: Path): Long = TradeBillReader(bill).use { rows -> rows.asSequence().sumOf { it.total ?: 0 } }

/** A trade bill as WeChat Pay writes them, with so many payments of 12.30 yuan. */
private fun tradeBill(rows: Int): Path {
    val path = Files.createTempFile("bench", ".csv")
    Files.newBufferedWriter(path).use { file ->
        file.write(
            "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号," +
                "商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注\n",
        )
        for (row in 1..rows) {
            val numbers = "`4200000001202608%012d,`BENCH-%08d".format(row, row)
            file.write(
                "`2026-08-08 10:34:56,`wxd678efh567hg6787,`1900000001,`0,`,$numbers,`oUpF8uMuAJO_M2pxb1Q9zNjWeS6o,`JSAPI,`SUCCESS,`OTHERS,`CNY,`12.30," +
                    "`0.00,`0,`0,`0.00,`0.00,`,`,`tea,`,`0.07000,`0.60%,`12.30,`0.00,`\n",
            )
        }
        fun yuan(fen: Long) = "${fen / 100}.${"%02d".format(fen % 100)}"
        val total = yuan(rows * 1230L)
        file.write("总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额\n")
        file.write("`$rows,`$total,`0.00,`0.00,`${yuan(rows * 7L)}000,`$total,`0.00\n")
    }
    return path
}

/** Jars that a program needs besides its own, as they stand on the class path. */
private fun sizes() {
    val jars = System.getProperty("java.class.path").split(File.pathSeparator).map(::File).filter { it.extension == "jar" }
    fun size(vararg parts: String) = jars.filter { jar -> parts.any { jar.name.startsWith(it) } }.sumOf { it.length() } / 1e6
    val shared = arrayOf("kotlin-stdlib", "annotations-")
    println("\njars, MB (the native library of this platform is in wechatpay-rs)")
    println("  wechatpay-rs itself             %6.2f".format(size("wechatpay-rs-0")))
    println("  with JNA, kotlinx, Kotlin       %6.2f".format(size("wechatpay-rs-0", "jna", "kotlinx-serialization", *shared)))
    println("  wechatpay-java and its core     %6.2f".format(size("wechatpay-java")))
    println("  with OkHttp, Gson, Kotlin, …    %6.2f".format(size("wechatpay-java", "okhttp", "okio", "gson", "slf4j-api", "commons-", "httpc", "kona", *shared)))
}
