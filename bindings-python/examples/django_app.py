"""Notifications in Django, in one file. Run: WECHATPAY_…=… python -m django runserver --settings django_app"""

from __future__ import annotations

import os

from django.urls import path

from shop import Shop
from wechatpay_rs import AsyncClient, Client
from wechatpay_rs.django import async_notification_view, notification_view
from wechatpay_rs.types import Notification

SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "for this example only")
ROOT_URLCONF = __name__
ALLOWED_HOSTS = ["*"]
# The adapter's views need no CSRF token; everything else keeps it.
MIDDLEWARE = ["django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware"]

shop = Shop(os.environ.get("SHOP_DATABASE", "shop.sqlite3"))


async def paid(notification: Notification) -> None:
    """Handle a notification in an asynchronous view."""
    from asgiref.sync import sync_to_async

    await sync_to_async(shop.handle)(notification)


urlpatterns = [
    path("wechatpay/notify", notification_view(Client.from_env(), shop.handle)),
    path("wechatpay/async-notify", async_notification_view(AsyncClient.from_env(), paid)),
]
