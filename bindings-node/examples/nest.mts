// NestJS: `rawBody: true` keeps the bytes; the controller hands request and response to the adapter.
import 'reflect-metadata';
import { Body, Controller, Module, Post, Req, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Client, payments } from 'wechatpay-rs';
import { express as wechatpayNotification, readNotification } from 'wechatpay-rs/http';

type Store = (order: payments.Transaction) => Promise<void> | void;

export function createApp(client: Client, store: Store) {
  const notify = wechatpayNotification(client, async (notification) => {
    if (notification.type === 'payments.transaction') await store(notification.resource);
  });

  @Controller()
  class ShopController {
    @Post('wechatpay/notify')
    notify(@Req() req: any, @Res() res: any) {
      return notify(req, res);
    }

    /** The same by hand, with Nest's own way to answer. */
    @Post('wechatpay/notify-by-hand')
    async byHand(@Req() req: any) {
      const notification = await readNotification(client, req);
      if (notification.type === 'payments.transaction') await store(notification.resource);
    }

    @Post('orders')
    order(@Body() body: unknown) {
      return body;
    }
  }

  @Module({ controllers: [ShopController] })
  class AppModule {}

  return NestFactory.create(AppModule, { rawBody: true, logger: false });
}

export async function listen(created: ReturnType<typeof createApp>) {
  const app = await created;
  await app.listen(0, '127.0.0.1');
  return { port: app.getHttpServer().address().port as number, close: () => app.close() };
}
