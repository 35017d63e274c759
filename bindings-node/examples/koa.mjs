// Koa: mount the middleware before the body parser.
import Koa from 'koa';
import { koa as wechatpayNotification } from 'wechatpay-rs/http';

export function createApp(client, store) {
  const app = new Koa();
  const notify = wechatpayNotification(client, async (notification) => {
    if (notification.type !== 'payments.transaction') throw new Error(`not understood: ${notification.event_type}`);
    await store(notification.resource);
  });
  app.use((ctx, next) => (ctx.path === '/wechatpay/notify' && ctx.method === 'POST' ? notify(ctx) : next()));
  app.use(async (ctx) => {
    const chunks = [];
    for await (const chunk of ctx.req) chunks.push(chunk);
    ctx.body = JSON.parse(Buffer.concat(chunks));
  });
  return app;
}

export { listen } from './express.mjs';
