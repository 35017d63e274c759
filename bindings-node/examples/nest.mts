// NestJS: `rawBody: true` keeps the bytes; the controller hands request and response to the adapter.
import 'reflect-metadata';
import { Body, Controller, HttpCode, HttpException, Module, Post, Req, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Client, payments } from 'wechatpay-rs';
import { notificationReplies, express as wechatpayNotification, readNotification } from 'wechatpay-rs/http';

type Store = (order: payments.Transaction) => Promise<void> | void;

export function createApp(client: Client, store: Store) {
  const notify = wechatpayNotification(client, async (notification) => {
    if (notification.type !== 'payments.transaction') throw new Error(`not understood: ${notification.event_type}`);
    await store(notification.resource);
  });

  @Controller()
  class ShopController {
    @Post('wechatpay/notify')
    notify(@Req() req: any, @Res() res: any) {
      return notify(req, res);
    }

    /** The same by hand, with Nest's own way to answer. Nest's usual 201 is no answer that WeChat Pay takes for "stored". */
    @Post('wechatpay/notify-by-hand')
    @HttpCode(204)
    async byHand(@Req() req: any) {
      const notification = await readNotification(client, req).catch((error) => {
        const { status, body } = error.notificationReply ?? notificationReplies.handlerFailed;
        throw new HttpException(JSON.parse(body), status);
      });
      if (notification.type !== 'payments.transaction') throw new Error(`not understood: ${notification.event_type}`);
      await store(notification.resource);
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
