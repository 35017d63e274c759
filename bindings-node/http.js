'use strict';

const native = require('./lib/native.js');
const { WeChatPayError, fromNative } = require('./lib/error.js');

// Adapters: each gets hold of the raw body in its framework's way, verifies, calls your handler, and answers WeChat Pay.
// What is answered, and how much is read, the core decides.

const { max_bytes: maxBytes, accepted, handler_failed: handlerFailed, asking } = JSON.parse(native.notificationRules());

const HINTS = {
  express: "Mount the route before `express.json()`, or use `express.raw({ type: '*/*' })` on it.",
  koa: 'Mount the middleware before the body parser, or exclude its path there.',
};

class RawBodyError extends TypeError {
  constructor(hint) {
    super(
      'wechatpay-rs: the body of the notification was parsed before it got here, and with it went what WeChat Pay signed. ' + hint,
    );
    this.code = 'WECHATPAY_RS_RAW_BODY';
  }
}

/** Reads, verifies and handles; gives what to answer. Never rejects, unless `onError` does. */
async function process(client, headers, readBody, handler, options, ...context) {
  const refuse = async (error, reply) => {
    if (options?.onError) await options.onError(error, ...context);
    else console.error('wechatpay-rs: notification refused:', error instanceof WeChatPayError ? error.message : error);
    return reply;
  };
  let notification;
  try {
    notification = await client.notifications.parse(headers, await readBody());
  } catch (error) {
    return refuse(error, error?.notificationReply ?? handlerFailed);
  }
  try {
    const result = await handler(notification, ...context);
    if (!asking.includes(notification.type)) return accepted;
    if (result?.authorization) return result;
    throw new TypeError(
      `wechatpay-rs: notification ${notification.id} asks for an answer, and the handler gave none: ` +
        'return client.notifications.answer(notification, { … })',
    );
  } catch (error) {
    // Whatever it is, also an error of another call: the notification is good, and was not stored.
    return refuse(error, handlerFailed);
  }
}

/** Reads up to the limit. What is too long is left unread, so that it can still be answered. */
function readStream(request) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    let size = 0;
    const onData = (chunk) => {
      size += chunk.length;
      if (size <= maxBytes) return void chunks.push(chunk);
      request.off('data', onData);
      request.pause();
      return reject(tooLarge());
    };
    request.on('data', onData);
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', reject);
    request.once('close', () => reject(new Error('the connection was closed before the notification was complete')));
  });
}

/** The same for a body of the Fetch API. */
async function readWebStream(body) {
  const chunks = [];
  let size = 0;
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks);
    size += value.length;
    if (size > maxBytes) {
      // Not cancelled: that closes the connection of some servers before they can answer.
      reader.releaseLock();
      throw tooLarge();
    }
    chunks.push(value);
  }
}

function tooLarge() {
  return fromNative(native.notificationTooLarge());
}

/** The rest of what was too long stays unread, so that the connection can carry nothing else. */
const isUnread = ({ status }) => status === 413;

/** Raw bytes of a Node request: kept by the framework, or still in the stream. */
async function rawBody(request, hint) {
  for (const kept of [request.rawBody, request.body]) {
    if (kept instanceof Uint8Array) return kept;
  }
  if (typeof request.on === 'function' && !request.readableEnded && !request.readableDidRead) {
    return readStream(request);
  }
  throw new RawBodyError(hint);
}

/** Verifies a notification out of a Node, Express or Nest request. Rejects when it cannot be trusted. */
async function readNotification(client, request) {
  const body = await rawBody(request, `${HINTS.express} In Nest: NestFactory.create(AppModule, { rawBody: true }).`);
  return client.notifications.parse(request.headers, body);
}

/** `app.post('/wechatpay/notify', express(client, async (notification) => { … }))`; for Nest, Connect and `node:http` too. */
function express(client, handler, options) {
  return async function wechatpayNotification(req, res) {
    const read = () => rawBody(req, HINTS.express);
    const reply = await process(client, req.headers, read, handler, options, req);
    res.statusCode = reply.status;
    if (reply.body !== '') res.setHeader('Content-Type', 'application/json');
    if (reply.authorization) res.setHeader('Authorization', reply.authorization);
    if (isUnread(reply)) res.setHeader('Connection', 'close');
    res.end(reply.body);
  };
}

/** `router.post('/wechatpay/notify', koa(client, async (notification, ctx) => { … }))` */
function koa(client, handler, options) {
  return async function wechatpayNotification(ctx) {
    const read = () => {
      const kept = ctx.request.rawBody;
      // koa-bodyparser keeps the text; it is UTF-8 JSON, so the bytes are the same.
      if (typeof kept === 'string') return Buffer.from(kept);
      if (kept instanceof Uint8Array) return kept;
      return rawBody(ctx.req, HINTS.koa);
    };
    const reply = await process(client, ctx.headers, read, handler, options, ctx);
    ctx.status = reply.status;
    if (isUnread(reply)) ctx.set('Connection', 'close');
    if (reply.authorization) ctx.set('Authorization', reply.authorization);
    if (reply.body !== '') {
      ctx.type = 'application/json';
      ctx.body = reply.body;
    }
  };
}

/** `app.register(fastify(client, '/wechatpay/notify', async (notification) => { … }))` */
function fastify(client, path, handler, options) {
  return async function wechatpayNotification(instance) {
    // Encapsulated: this parser holds for the one route, not for the rest of the application. It leaves the stream as it is:
    // Fastify's own limit would answer for us.
    instance.removeAllContentTypeParsers();
    instance.addContentTypeParser('*', (_request, stream, done) => done(null, stream));
    instance.post(path, async (request, response) => {
      const read = () => (typeof request.body?.on === 'function' ? readStream(request.body) : Buffer.alloc(0));
      const reply = await process(client, request.headers, read, handler, options, request);
      response.code(reply.status);
      if (isUnread(reply)) response.header('Connection', 'close');
      if (reply.authorization) response.header('Authorization', reply.authorization);
      if (reply.body !== '') response.type('application/json');
      return response.send(reply.body === '' ? undefined : reply.body);
    });
  };
}

/** `export const POST = fetchHandler(client, async (notification) => { … })`: Next.js, Hono, Bun, Deno, `Request` → `Response`. */
function fetchHandler(client, handler, options) {
  return async function wechatpayNotification(request) {
    const read = () => {
      if (request.bodyUsed) throw new RawBodyError('Call this handler before the request is read, or with `request.clone()`.');
      return request.body ? readWebStream(request.body) : Buffer.alloc(0);
    };
    const { status, body, authorization } = await process(client, request.headers, read, handler, options, request);
    if (body === '') return new Response(null, { status });
    const headers = { 'Content-Type': 'application/json' };
    if (authorization) headers.Authorization = authorization;
    return new Response(body, { status, headers });
  };
}

/** For those who answer by hand: with one of these, or with the `notificationReply` of the error. */
const notificationReplies = Object.freeze({ accepted, handlerFailed });

module.exports = { express, koa, fastify, fetchHandler, readNotification, notificationReplies, RawBodyError };
