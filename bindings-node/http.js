'use strict';

const { WeChatPayError } = require('./lib/error.js');

// Adapters: each gets hold of the raw body in its framework's way, verifies, calls your handler, and answers as WeChat
// Pay wants to be answered: 204 when your handler is done, 401 when the notification cannot be trusted, 500 when
// something failed here, so that WeChat Pay sends it again.

/** More than any notification has. */
const MAX_BYTES = 2 * 1024 * 1024;

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

/** What to answer, and what to tell the operator. */
function reply(error) {
  if (error === undefined) return { status: 204, body: undefined };
  // WeChat Pay shows the message to nobody; it must not tell a forger what was wrong.
  const untrusted = error instanceof WeChatPayError && error.kind === 'verification';
  const tooLarge = error instanceof WeChatPayError && error.code === 'BODY_TOO_LARGE';
  const status = untrusted ? 401 : tooLarge ? 413 : 500;
  const message = untrusted ? 'verification failed' : tooLarge ? 'too large' : 'not processed';
  return { status, body: JSON.stringify({ code: 'FAIL', message }) };
}

/** Reads, verifies and handles; never rejects, unless `onError` does. */
async function process(client, headers, readBody, handler, options, ...context) {
  try {
    const notification = await client.notifications.parse(headers, await readBody());
    await handler(notification, ...context);
    return reply();
  } catch (error) {
    if (options?.onError) await options.onError(error, ...context);
    else console.error('wechatpay-rs: notification refused:', error instanceof WeChatPayError ? error.message : error);
    return reply(error);
  }
}

/** Reads up to the limit. What is too long is left unread, so that it can still be answered. */
function readStream(request) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    let size = 0;
    const onData = (chunk) => {
      size += chunk.length;
      if (size <= MAX_BYTES) return void chunks.push(chunk);
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

function tooLarge() {
  const { makeError } = require('./lib/error.js');
  const message = `the notification has more than ${MAX_BYTES} bytes.`;
  return makeError({ kind: 'malformed', code: 'BODY_TOO_LARGE', message, text: `BODY_TOO_LARGE: ${message}` });
}

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
    const { status, body } = await process(client, req.headers, read, handler, options, req);
    res.statusCode = status;
    if (body !== undefined) res.setHeader('Content-Type', 'application/json');
    if (status === 413) res.setHeader('Connection', 'close');
    res.end(body);
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
    const { status, body } = await process(client, ctx.headers, read, handler, options, ctx);
    ctx.status = status;
    if (body !== undefined) {
      ctx.type = 'application/json';
      if (status === 413) ctx.set('Connection', 'close');
      ctx.body = body;
    }
  };
}

/** `app.register(fastify(client, '/wechatpay/notify', async (notification) => { … }))` */
function fastify(client, path, handler, options) {
  return async function wechatpayNotification(instance) {
    // Encapsulated: this parser holds for the one route, not for the rest of the application.
    instance.removeAllContentTypeParsers();
    instance.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_BYTES }, (_request, body, done) => done(null, body));
    instance.post(path, async (request, response) => {
      const read = () => request.body ?? Buffer.alloc(0);
      const { status, body } = await process(client, request.headers, read, handler, options, request);
      response.code(status);
      if (body !== undefined) response.type('application/json');
      return response.send(body);
    });
  };
}

/** `export const POST = fetchHandler(client, async (notification) => { … })`: Next.js, Hono, Bun, Deno, `Request` → `Response`. */
function fetchHandler(client, handler, options) {
  return async function wechatpayNotification(request) {
    const read = async () => {
      if (Number(request.headers.get('content-length')) > MAX_BYTES) throw tooLarge();
      if (request.bodyUsed) throw new RawBodyError('Call this handler before the request is read, or with `request.clone()`.');
      return new Uint8Array(await request.arrayBuffer());
    };
    const { status, body } = await process(client, request.headers, read, handler, options, request);
    return new Response(body, { status, headers: body === undefined ? {} : { 'Content-Type': 'application/json' } });
  };
}

module.exports = { express, koa, fastify, fetchHandler, readNotification, RawBodyError };
