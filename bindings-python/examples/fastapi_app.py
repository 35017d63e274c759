"""Notifications in FastAPI. Run: WECHATPAY_…=… uvicorn --factory fastapi_app:create_app"""

from __future__ import annotations

import asyncio
import os

from fastapi import FastAPI

from shop import Shop
from wechatpay_rs import AsyncClient
from wechatpay_rs.fastapi import notification_route
from wechatpay_rs.types import Notification


def create_app(client: AsyncClient | None = None, shop: Shop | None = None) -> FastAPI:
    """Return the application; the client's keys come from the environment."""
    client = client or AsyncClient.from_env()
    database = shop or Shop(os.environ.get("SHOP_DATABASE", "shop.sqlite3"))

    async def paid(notification: Notification) -> None:
        await asyncio.to_thread(database.handle, notification)

    app = FastAPI()
    route = notification_route(client, paid)
    app.add_api_route("/wechatpay/notify", route, methods=["POST"], include_in_schema=False)
    return app
