use wechatpay::api::payments::{TradeState, Transaction};
use wechatpay::api::refunds::RefundNotice;
use wechatpay::http::Headers;
use wechatpay::{Client, NotificationReply, NotificationResource};

/// Your own code: both say whether the thing is stored now, or was before. Not when nobody knows the order, or when
/// the amount is another. The same notification may come many times, also at the same moment.
trait Shop {
    fn paid(&self, order: &Transaction) -> bool;
    fn refunded(&self, refund: &RefundNotice) -> bool;
}

/// Returns what WeChat Pay is to be answered, within five seconds: store what came, and do the work afterwards.
fn notified(client: &Client, shop: &dyn Shop, headers: &Headers, body: &[u8]) -> NotificationReply {
    let notification = match client.parse_notification(headers, body) {
        Ok(notification) => notification,
        Err(error) => {
            eprintln!("notification refused: {error}"); // says why, and what to do
            return error.notification_reply();
        }
    };
    let stored = match NotificationResource::of(&notification) {
        NotificationResource::PaymentsTransaction(order) => {
            order.trade_state() == Some(TradeState::Success) && shop.paid(&order)
        }
        NotificationResource::RefundsRefund(refund) => shop.refunded(&refund),
        // A combined order, a partner's, another product: what is not understood is not acknowledged.
        _ => false,
    };
    if stored {
        return NotificationReply::accepted();
    }
    eprintln!("notification not taken: {notification:?}"); // its number and its event, no content
    NotificationReply::handler_failed() // it comes again, so that nothing is lost until you have looked
}
