package example;

import io.github.wechatpayrs.Client;
import io.github.wechatpayrs.Notification;
import io.github.wechatpayrs.WeChatPayException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Collections;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** A shop. It needs two beans: the {@link Client}, and something that takes notifications. */
@SpringBootApplication
public class Shop {

    /** Where WeChat Pay's notifications arrive. */
    @RestController
    static class Notifications {
        private static final Logger LOG = LoggerFactory.getLogger(Notifications.class);

        private final Client client;
        private final Consumer<Notification> take;

        Notifications(Client client, Consumer<Notification> take) {
            this.client = client;
            this.take = take;
        }

        /**
         * Raw bytes and headers go to the client: no {@code @RequestBody}, for what a converter has parsed and written again
         * has another signature. WeChat Pay wants its answer within five seconds, so the notification should only be written
         * down here; the same one may come several times.
         */
        @PostMapping("/wechatpay/notify")
        ResponseEntity<Void> receive(HttpServletRequest request) throws IOException {
            byte[] body = request.getInputStream().readAllBytes();
            Map<String, String> headers = Collections.list(request.getHeaderNames()).stream()
                    .collect(Collectors.toMap(Function.identity(), request::getHeader));
            Notification notification;
            try {
                notification = client.parseNotification(headers, body);
            } catch (WeChatPayException error) {
                // Not from WeChat Pay, or altered, or old: the message says which.
                LOG.warn("notification refused: {}", error.getMessage());
                return ResponseEntity.status(401).build();
            }
            take.accept(notification);
            return ResponseEntity.noContent().build();
        }
    }
}
