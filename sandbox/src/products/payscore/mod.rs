//! WeChat Pay score in the acquiring-bank mode: service orders and permissions to charge.

pub(crate) mod orders;
pub(crate) mod permissions;

/// Everything about WeChat Pay score.
#[derive(Debug, Default)]
pub(crate) struct Payscore {
    orders: orders::ServiceOrders,
    permissions: permissions::Permissions,
}
