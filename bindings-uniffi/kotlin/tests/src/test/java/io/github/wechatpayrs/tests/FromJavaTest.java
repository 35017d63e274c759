package io.github.wechatpayrs.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.wechatpayrs.ApiException;
import io.github.wechatpayrs.Client;
import io.github.wechatpayrs.ErrorCodes;
import io.github.wechatpayrs.ErrorKind;
import io.github.wechatpayrs.Fen;
import io.github.wechatpayrs.InvalidRequestException;
import io.github.wechatpayrs.MalformedException;
import io.github.wechatpayrs.Notification;
import io.github.wechatpayrs.Signer;
import io.github.wechatpayrs.SigningException;
import io.github.wechatpayrs.TradeBillReader;
import io.github.wechatpayrs.WeChatPayException;
import io.github.wechatpayrs.bills.TradeBillRequest;
import io.github.wechatpayrs.fapiao.applications.FileType;
import io.github.wechatpayrs.fapiao.applications.UploadFileRequest;
import io.github.wechatpayrs.global.bills.DownloadStatementRequest;
import io.github.wechatpayrs.junit5.Sandbox;
import io.github.wechatpayrs.junit5.WithSandbox;
import io.github.wechatpayrs.payments.Amount;
import io.github.wechatpayrs.payments.LimitPay;
import io.github.wechatpayrs.payments.QueryByOutTradeNoRequest;
import io.github.wechatpayrs.payments.TradeState;
import io.github.wechatpayrs.payments.Transaction;
import io.github.wechatpayrs.payments.jsapi.JsapiPayer;
import io.github.wechatpayrs.payments.jsapi.PrepayRequest;
import io.github.wechatpayrs.payments.native_.NativeService;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The API as Java sees it. */
@WithSandbox
class FromJavaTest {
    private static PrepayRequest.Builder order(Sandbox sandbox, String number) {
        return PrepayRequest.builder()
                .appid(sandbox.getAppid())
                .description("tea")
                .out_trade_no(number)
                .time_expire(OffsetDateTime.now().plusMinutes(30))
                .notify_url("http://127.0.0.1:1/notify")
                .amount(Amount.builder().total(100L).currency("CNY").build())
                .payer(JsapiPayer.builder().openid(sandbox.getOpenid()).build())
                .limit_pay(List.of(LimitPay.no_credit));
    }

    @Test
    void anOrderIsPlacedAndPaid(Sandbox sandbox, Client client) {
        var prepay = client.getPayments().getJsapi().prepay(order(sandbox, "J-0001").build());
        assertNotNull(prepay.getPrepay_id());
        assertNotNull(prepay.requestId());
        Map<String, String> page = client.jsapiPayment(sandbox.getAppid(), prepay.getPrepay_id());
        assertEquals("RSA", page.get("signType"));
        sandbox.control("POST", "/sandbox/pay/J-0001");
        var sent = MainFlowTestKt.newestNotification(sandbox);
        Notification notification = client.parseNotification(sent.getFirst(), sent.getSecond());
        if (!(notification.getResource() instanceof Transaction transaction)) {
            throw new AssertionError(notification);
        }
        assertEquals(TradeState.SUCCESS, transaction.getTrade_state());
        assertEquals("SUCCESS", transaction.getTrade_state().getValue());
        assertEquals(100L, transaction.getAmount().getTotal());
        assertTrue(transaction.json().containsKey("out_trade_no"));
        assertNotNull(notification.resourceAs(Transaction.class));
        NativeService scanned = client.getPayments().getNative();
        assertNotNull(scanned);
    }

    @Test
    void aBillIsFetchedByItsAnswerAndRead(Sandbox sandbox, Client client, @TempDir Path folder) {
        sandbox.control("POST", "/sandbox/bills", "{\"bill_date\":\"2026-08-07\",\"rows\":3}");
        var answer = client.getBills().tradeBill(TradeBillRequest.builder().bill_date("2026-08-07").build());
        var path = folder.resolve("bill.csv");
        assertTrue(client.download(answer, path).getBytes() > 0);
        long total = 0;
        try (var bill = new TradeBillReader(path)) {
            while (bill.hasNext()) total += bill.next().getTotal();
            assertEquals("3", bill.summary().get("总交易单数"));
            assertEquals(total, bill.summary().fen("订单总金额"));
        }
        assertEquals(1230L, Fen.ofYuan("12.30"));
        assertThrows(MalformedException.class, () -> Fen.ofYuan("1e2"));
    }

    @Test
    void aRequiredFieldThatIsMissingOrNullIsNamed(Sandbox sandbox) {
        var error = assertThrows(InvalidRequestException.class, () -> order(sandbox, null).build());
        assertEquals(ErrorCodes.MISSING_PARAMETER, error.getCode());
        assertTrue(error.getMessage().contains("out_trade_no"), error.getMessage());
        assertThrows(InvalidRequestException.class, () -> PrepayRequest.builder().build());
    }

    @Test
    void nullWhereThereMustBeAValueIsNamed(Client client) {
        var error = assertThrows(NullPointerException.class, () -> client.getPayments().queryByOutTradeNo(null));
        assertTrue(error.getMessage().contains("request"), error.getMessage());
        assertThrows(NullPointerException.class, () -> client.parseNotification(null, new byte[0]));
        assertThrows(NullPointerException.class, () -> Client.builder().mchid(null));
    }

    @Test
    void errorsAreUncheckedAndCarryTheirFields(Client client) {
        try {
            client.getPayments().queryByOutTradeNo(QueryByOutTradeNoRequest.builder().out_trade_no("nobody-knows-it").build());
            throw new AssertionError("no error");
        } catch (ApiException error) {
            WeChatPayException base = error;
            assertEquals(ErrorKind.API, base.getKind());
            assertEquals("api", base.getKind().getId());
            assertEquals("ORDER_NOT_EXIST", base.getCode());
            assertEquals(404, base.getStatus());
            assertNotNull(base.getRequestId());
            assertFalse(base.isOutcomeUnknown());
            assertFalse(base.isRetryable());
            assertFalse(base.isAuthenticated());
        }
    }

    @Test
    void aFileComesBackAndAnUndocumentedAnswerIsText(Client client, @TempDir Path folder) {
        var request = DownloadStatementRequest.builder().date("20260808").build();
        var bills = client.getGlobal().getBills();
        assertTrue(bills.downloadStatement(request, folder.resolve("a.csv")).getBytes() > 0);
        assertTrue(bills.downloadStatement(request, folder.resolve("b.csv"), (received, total) -> {}).getBytes() > 0);
        var fapiao = client.getFapiao();
        var fields = UploadFileRequest.builder().sub_mchid("1900000109").file_type(FileType.PDF).build();
        assertNotNull(fapiao.getApplications().uploadFile(fields, "a.pdf", new byte[10]).getFapiao_media_id());
        var answer = client.getDevices().getSpeakers().query(io.github.wechatpayrs.devices.speakers.QueryRequest.builder().device_sn("7522164923628376").build());
        assertEquals("{}", answer.text());
        assertNotNull(answer.requestId());
    }

    @Test
    void plainJsonWorksToo(Client client, Sandbox sandbox) {
        client.getPayments().getJsapi().prepay(order(sandbox, "J-0002").build());
        String answer = client.call("payments.query_by_out_trade_no", "{\"out_trade_no\":\"J-0002\"}");
        assertTrue(answer.contains("NOTPAY"), answer);
    }

    @Test
    void aSignerIsALambda(Sandbox sandbox) {
        var closed = new IllegalStateException("the vault is closed");
        var builder = Client.builder().mchid(sandbox.getMchid()).merchantSerial("5157F09EFDC096DE15EBE81A47057A7232F1B8E1")
                .apiV3Key(sandbox.getApiV3Key()).baseUrl(sandbox.getBaseUrl())
                .signer(Signer.ofDigests(digest -> {
                    throw closed;
                }));
        try (Client client = builder.build()) {
            var error = assertThrows(SigningException.class, () -> client.jsapiPayment("wx8888888888888888", "wx20"));
            assertSame(closed, error.getCause());
        }
    }
}
