package example;

import io.github.wechatpayrs.Client;
import io.github.wechatpayrs.Notification;
import io.github.wechatpayrs.NotificationReply;
import io.github.wechatpayrs.WeChatPayException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Collections;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.http.MediaType;
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
        private final Predicate<Notification> take;

        Notifications(Client client, Predicate<Notification> take) {
            this.client = client;
            this.take = take;
        }

        /**
         * Raw bytes and headers go to the client: no {@code @RequestBody}, for what a converter has parsed and written again
         * has another signature. WeChat Pay wants its answer within five seconds, so the notification should only be written
         * down here; the same one may come several times. What is not understood (another type, an order that nobody knows) is not
         * acknowledged, and comes again until somebody has looked.
         */
        @PostMapping("/wechatpay/notify")
        ResponseEntity<String> receive(HttpServletRequest request) throws IOException {
            byte[] body = request.getInputStream().readNBytes(NotificationReply.getMaxBytes() + 1);
            Map<String, String> headers = Collections.list(request.getHeaderNames()).stream()
                    .collect(Collectors.toMap(Function.identity(), request::getHeader));
            try {
                if (body.length > NotificationReply.getMaxBytes()) {
                    throw NotificationReply.tooLarge();
                }
                Notification notification = client.parseNotification(headers, body);
                return answer(take.test(notification) ? NotificationReply.accepted() : NotificationReply.handlerFailed());
            } catch (WeChatPayException error) {
                // Not from WeChat Pay, or altered, or old: the message says which.
                LOG.warn("notification refused: {}", error.getMessage());
                return answer(error.getNotificationReply());
            }
        }

        private static ResponseEntity<String> answer(NotificationReply reply) {
            return ResponseEntity.status(reply.getStatus()).contentType(MediaType.APPLICATION_JSON).body(reply.getBody());
        }
    }
}
