// Fastify: a plugin with a content type parser of its own; the rest of the application goes on parsing JSON.
import Fastify from 'fastify';
import { fastify as wechatpayNotification } from 'wechatpay-rs/http';

export function createApp(client, store) {
  const app = Fastify();
  app.register(
    wechatpayNotification(client, '/wechatpay/notify', async (notification) => {
      if (notification.type !== 'payments.transaction') throw new Error(`not understood: ${notification.event_type}`);
      await store(notification.resource);
    }),
  );
  app.post('/orders', async (request) => request.body);
  return app;
}

export async function listen(app) {
  await app.listen({ port: 0, host: '127.0.0.1' });
  return { port: app.server.address().port, close: () => app.close() };
}
