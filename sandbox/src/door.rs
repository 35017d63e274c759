//! Through which door a connection came: the sandbox's own address, or one of WeChat Pay's names.

/// The names under which WeChat Pay is reached, and the only ones that the sandbox ends TLS for.
pub(crate) const WECHATPAY: [&str; 5] = [
    "api.mch.weixin.qq.com",
    "api2.mch.weixin.qq.com",
    "api.wechatpay.cn",
    "api2.wechatpay.cn",
    "apihk.mch.weixin.qq.com",
];

/// Through which door a connection came.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Door {
    /// The sandbox's own address, in plain HTTP; the control plane is there.
    Own,
    /// TLS under this name of WeChat Pay, where nothing else is.
    WechatPay(&'static str),
}

/// The name of WeChat Pay that this is, written in whatever case.
pub(crate) fn wechatpay(name: &str) -> Option<&'static str> {
    WECHATPAY.into_iter().find(|known| known.eq_ignore_ascii_case(name))
}
