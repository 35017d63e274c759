// A Fetch API handler, `Request` to `Response`: what Next.js route handlers, Hono, Deno and Bun take.
// In Next.js: `export const POST = createApp(client, store);`
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import { fetchHandler } from 'wechatpay-rs/http';

export function createApp(client, store) {
  const notify = fetchHandler(client, async (notification) => {
    if (notification.type !== 'payments.transaction') throw new Error(`not understood: ${notification.event_type}`);
    await store(notification.resource);
  });
  return async (request) =>
    new URL(request.url).pathname === '/wechatpay/notify' ? notify(request) : Response.json(await request.json());
}

/** Node's own server in front of the handler, for this example. */
export function listen(handler) {
  const server = createServer(async (req, res) => {
    const { method, headers } = req;
    const body = Readable.toWeb(req);
    const response = await handler(new Request(`http://localhost${req.url}`, { method, headers, body, duplex: 'half' }));
    // What was too long was not read to its end.
    if (response.status === 413) res.setHeader('Connection', 'close');
    res.writeHead(response.status, Object.fromEntries(response.headers));
    res.end(Buffer.from(await response.arrayBuffer()));
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve({ port: server.address().port, close: () => new Promise((done) => server.close(done)) });
    });
  });
}
