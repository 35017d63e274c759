"""For your own tests: a local WeChat Pay that checks your requests and sends you signed, encrypted notifications.

    from wechatpay_rs.testing import Sandbox

    with Sandbox.start() as sandbox:
        client = Client(**sandbox.options)
        …
        sandbox.pay("20260808-0001")

With pytest, the fixtures `wechatpay_sandbox` and `wechatpay_client` are there as soon as this package is installed.
The sandbox is a program, `wechatpay-sandbox`, that `pip install "wechatpay-rs[sandbox]"` brings; otherwise it is looked for in
`WECHATPAY_SANDBOX` and in `PATH`.
"""

from ._sandbox import Sandbox, program

__all__ = ["Sandbox", "program"]
