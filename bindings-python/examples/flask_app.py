"""Notifications in Flask. Run: WECHATPAY_…=… flask --app flask_app:create_app run"""

from __future__ import annotations

import os

from flask import Flask

from shop import Shop
from wechatpay_rs import Client
from wechatpay_rs.flask import notification_view


def create_app(client: Client | None = None, shop: Shop | None = None) -> Flask:
    """Return the application; the client's keys come from the environment."""
    client = client or Client.from_env()
    shop = shop or Shop(os.environ.get("SHOP_DATABASE", "shop.sqlite3"))
    app = Flask(__name__)
    app.add_url_rule("/wechatpay/notify", view_func=notification_view(client, shop.handle), methods=["POST"])
    return app
