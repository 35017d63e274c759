package example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.wechatpayrs.Client;
import io.github.wechatpayrs.Notification;
import io.github.wechatpayrs.junit5.Sandbox;
import io.github.wechatpayrs.junit5.WithSandbox;
import io.github.wechatpayrs.payments.Amount;
import io.github.wechatpayrs.payments.Transaction;
import io.github.wechatpayrs.payments.jsapi.JsapiPayer;
import io.github.wechatpayrs.payments.jsapi.PrepayRequest;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.support.GenericApplicationContext;

@WithSandbox
class NotificationsTest {
    @Test
    void aPaymentReachesTheShopAndAForgedOneDoesNot(Sandbox sandbox, Client client) {
        List<Notification> taken = new CopyOnWriteArrayList<>();
        Predicate<Notification> take = notification ->
                notification.resourceAs(Transaction.class) != null && taken.add(notification);
        try (var shop = new SpringApplicationBuilder(Shop.class)
                .properties("server.port=0", "server.address=127.0.0.1")
                .initializers((GenericApplicationContext context) -> {
                    // The sandbox's client is closed by the extension, not by Spring.
                    context.registerBean(Client.class, () -> client, bean -> bean.setDestroyMethodName(""));
                    context.registerBean("take", Predicate.class, () -> take);
                })
                .run()) {
            String url = "http://127.0.0.1:" + shop.getEnvironment().getProperty("local.server.port") + "/wechatpay/notify";
            client.getPayments().getJsapi().prepay(PrepayRequest.builder()
                    .appid(sandbox.getAppid())
                    .description("tea")
                    .out_trade_no("SPRING-1")
                    .notify_url(url)
                    .amount(Amount.builder().total(100L).build())
                    .payer(JsapiPayer.builder().openid(sandbox.getOpenid()).build())
                    .build());
            sandbox.control("POST", "/sandbox/faults",
                    "{\"match\":{\"notification\":\"*\"},\"fault\":{\"signature\":\"altered\"}}");
            sandbox.control("POST", "/sandbox/pay/SPRING-1", "{}");
            String refused = sandbox.control("GET", "/sandbox/notifications?wait=true").toString();
            assertTrue(refused.contains("\"refused\""), refused);
            assertTrue(taken.isEmpty());

            var id = Pattern.compile("\"id\":\"([0-9a-f-]{36})\"").matcher(refused);
            assertTrue(id.find(), refused);
            sandbox.control("POST", "/sandbox/notifications/" + id.group(1) + "/resend", "{}");
            String sent = sandbox.control("GET", "/sandbox/notifications?wait=true").toString();
            assertTrue(sent.contains("\"acknowledged\""), sent);
            assertEquals(1, taken.size());
            assertEquals("SPRING-1", taken.get(0).resourceAs(Transaction.class).getOut_trade_no());
            // A combined order's notice has the same event and original type, and is about orders that this shop does not know.
            sandbox.control("POST", "/sandbox/notifications", "{\"notify_url\":\"" + url + "\",\"event_type\":\"TRANSACTION.SUCCESS\","
                    + "\"original_type\":\"transaction\",\"resource\":{\"combine_out_trade_no\":\"SPRING-2\"}}");
            String unknown = sandbox.control("GET", "/sandbox/notifications?wait=true").toString();
            assertTrue(unknown.contains("500"), unknown);
            assertEquals(1, taken.size());
        }
    }
}
