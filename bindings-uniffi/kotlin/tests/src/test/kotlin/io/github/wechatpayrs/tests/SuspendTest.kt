package io.github.wechatpayrs.tests

import io.github.wechatpayrs.ApiException
import io.github.wechatpayrs.Client
import io.github.wechatpayrs.coroutines.suspending
import io.github.wechatpayrs.fapiao.applications.FileType
import io.github.wechatpayrs.fapiao.applications.UploadFileRequest
import io.github.wechatpayrs.devices.speakers.QueryRequest as SpeakerRequest
import io.github.wechatpayrs.global.bills.DownloadStatementRequest
import io.github.wechatpayrs.junit5.Sandbox
import io.github.wechatpayrs.junit5.WithSandbox
import io.github.wechatpayrs.payments.QueryByOutTradeNoRequest
import io.github.wechatpayrs.payments.TradeState
import java.nio.file.Files
import java.nio.file.Path
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir

@WithSandbox
class SuspendTest {
    @Test
    fun `calls suspend`(sandbox: Sandbox, client: Client): Unit = runBlocking {
        val pay = client.suspending()
        pay.payments.jsapi.prepay(order(sandbox, "KS-0001"))
        assertEquals(TradeState.NOTPAY, pay.payments.queryByOutTradeNo(QueryByOutTradeNoRequest(out_trade_no = "KS-0001")).trade_state)
        assertEquals("ORDER_NOT_EXIST", runCatching { pay.payments.queryByOutTradeNo(QueryByOutTradeNoRequest(out_trade_no = "nobody")) }
            .exceptionOrNull().let { (it as ApiException).code })
        val answers = (1..40).map { async { pay.run { payments.queryByOutTradeNo(QueryByOutTradeNoRequest(out_trade_no = "KS-0001")) } } }.awaitAll()
        assertEquals(40, answers.count { it.out_trade_no == "KS-0001" })
    }

    @Test
    fun `files, uploads with fields and undocumented answers suspend`(client: Client, @TempDir folder: Path): Unit = runBlocking {
        val pay = client.suspending()
        val path = folder.resolve("statement.csv")
        assertEquals(pay.global.bills.downloadStatement(DownloadStatementRequest(date = "20260808"), path).bytes, Files.size(path))
        val fields = UploadFileRequest(sub_mchid = "1900000109", file_type = FileType.PDF)
        assertNotNull(pay.fapiao.applications.uploadFile(fields, "a.pdf", ByteArray(10)).fapiao_media_id)
        assertEquals("{}", pay.devices.speakers.query(SpeakerRequest(device_sn = "7522164923628376")).text)
    }

    @Test
    fun `a call that hangs blocks nobody and can be given up`(sandbox: Sandbox, client: Client): Unit = runBlocking {
        client.payments.jsapi.prepay(order(sandbox, "KS-0002"))
        sandbox.control("POST", "/sandbox/faults", """{"match":{"operation":"payments.query_by_out_trade_no"},"fault":{"hold":"gate","hold_at":"request"}}""")
        val pay = client.suspending()
        val held = async { pay.payments.queryByOutTradeNo(QueryByOutTradeNoRequest(out_trade_no = "KS-0002")) }
        // runBlocking has one thread: if the call blocked it, nothing below would run.
        val others = launch { assertTrue(held.isActive) }
        others.join()
        assertThrows(TimeoutCancellationException::class.java) { runBlocking { withTimeout(1) { held.await() } } }
        sandbox.control("POST", "/sandbox/release/gate", "{}")
        assertEquals("KS-0002", held.await().out_trade_no)
    }
}
