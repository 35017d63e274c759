// Express: the notification route stands before `express.json()`, which would throw away what WeChat Pay signed.
import express from 'express';
import { express as wechatpayNotification } from 'wechatpay-rs/http';

export function createApp(client, store) {
  const app = express();
  app.post(
    '/wechatpay/notify',
    wechatpayNotification(client, async (notification) => {
      // Store and return: WeChat Pay waits five seconds. The same notification may come again; its id is the same.
      // What is not understood (a combined order's, another product's) is not acknowledged: what throws comes again.
      if (notification.type !== 'payments.transaction') throw new Error(`not understood: ${notification.event_type}`);
      await store(notification.resource);
    }),
  );
  app.use(express.json());
  app.post('/orders', (req, res) => res.json(req.body));
  return app;
}

export function listen(app) {
  return new Promise((resolve) => {
    const server = app.listen(0, '127.0.0.1', () => {
      resolve({ port: server.address().port, close: () => new Promise((done) => server.close(done)) });
    });
  });
}
