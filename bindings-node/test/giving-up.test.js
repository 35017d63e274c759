'use strict';

const assert = require('node:assert/strict');
const { setMaxListeners } = require('node:events');
const fs = require('node:fs');
const { Readable } = require('node:stream');
const { test } = require('node:test');
const { ClosedError, Client, TimeoutError } = require('wechatpay-rs');
const { useSandbox, order, failure } = require('./support/index.js');

const context = useSandbox();

/** Makes the sandbox hold every answer to this operation until it is released. */
async function hold(operation, name) {
  await context.sandbox.fault({ match: { operation, count: null }, fault: { hold: name } });
  return async () => {
    await context.sandbox.control('DELETE', '/sandbox/faults');
    await context.sandbox.control('POST', `/sandbox/release/${name}`);
  };
}

/** Resolves when the sandbox holds so many requests. */
async function held(operation, count) {
  for (;;) {
    const { requests } = await context.sandbox.control('GET', `/sandbox/requests?operation=${operation}`);
    if (requests.length >= count) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('64 calls in flight hold up neither files nor timers nor name look-ups', async () => {
  const operation = 'payments.query_by_out_trade_no';
  const release = await hold(operation, 'sixty-four');
  const calls = Array.from({ length: 64 }, () =>
    failure(context.client.payments.queryByOutTradeNo({ out_trade_no: 'NOT-THERE' })),
  );
  // None of the calls can end before the release. On libuv's four threads these would wait for them for ever.
  await held(operation, 64);
  await fs.promises.readFile(__filename);
  await new Promise((resolve) => fs.stat(__filename, resolve));
  await new Promise((resolve) => setTimeout(resolve, 1));
  await require('node:dns').promises.lookup('localhost');
  await new Promise((resolve) => require('node:zlib').gzip('x', resolve));
  // What only computes has threads of its own.
  const { appid } = context.sandbox.credentials;
  assert.equal((await context.client.jsapiPayment({ appid, prepayId: 'wx1' })).package, 'prepay_id=wx1');
  assert.ok((await context.client.prepare(operation, { out_trade_no: 'NOT-THERE' })).url);
  const { ciphertext } = await context.client.encryptField('茶');
  assert.equal((await failure(context.client.decryptField(ciphertext))).kind, 'decryption');
  await new Promise((resolve) => require('node:crypto').pbkdf2('a', 'b', 1, 16, 'sha256', resolve));
  await release();
  const errors = await Promise.all(calls);
  assert.deepEqual(new Set(errors.map((error) => error.code)), new Set(['ORDER_NOT_EXIST']));
});

test('64 calls that were given up leave a client that works, and none is sent again', async () => {
  const { sandbox } = context;
  const client = new Client(sandbox.clientOptions);
  const operation = 'payments.jsapi.prepay';
  const release = await hold(operation, 'abandoned');
  await sandbox.control('DELETE', '/sandbox/requests');
  const controller = new AbortController();
  setMaxListeners(64, controller.signal);
  const calls = Array.from({ length: 64 }, () =>
    failure(client.payments.jsapi.prepay(order(sandbox), { signal: controller.signal })),
  );
  await held(operation, 64);
  controller.abort();
  for (const error of await Promise.all(calls)) {
    assert.ok(error instanceof TimeoutError);
    assert.equal(error.outcomeUnknown, true);
    assert.match(error.message, /payments\.query_by_out_trade_no/);
  }
  // The server still holds all of them: their threads came back all the same.
  const { appid } = sandbox.credentials;
  assert.equal((await client.jsapiPayment({ appid, prepayId: 'wx1' })).package, 'prepay_id=wx1');
  const next = await failure(client.payments.queryByOutTradeNo({ out_trade_no: 'NOT-THERE' }));
  assert.equal(next.code, 'ORDER_NOT_EXIST');
  // Closing waits for every thread: after it nothing can be sent any more.
  await client.close();
  const { requests } = await sandbox.control('GET', `/sandbox/requests?operation=${operation}`);
  assert.equal(requests.length, 64);
  await release();
});

test('a call whose time is up is sent once, and its time bounds every attempt', async () => {
  const { sandbox } = context;
  const client = new Client({ ...sandbox.clientOptions, retries: 5 });
  const operation = 'payments.jsapi.prepay';
  await sandbox.control('DELETE', '/sandbox/requests');
  const release = await hold(operation, 'late');
  const error = await failure(client.payments.jsapi.prepay(order(sandbox), { timeout: 1500 }));
  assert.equal(error.code, 'NO_ANSWER');
  assert.equal(error.operation, operation);
  assert.equal(error.cause.name, 'TimeoutError');
  await client.close();
  const { requests } = await sandbox.control('GET', `/sandbox/requests?operation=${operation}`);
  assert.equal(requests.length, 1);
  assert.equal(error.outcomeUnknown, true);
  await release();
});

test('an upload of a stream that never ends is given up, unsent, and the stream is let go', async () => {
  const { client, sandbox } = context;
  await sandbox.control('DELETE', '/sandbox/requests');
  let cancelled = false;
  let returned = false;
  const silent = new Readable({ read() {} });
  silent.push('some');
  const web = new ReadableStream({ cancel: () => void (cancelled = true) });
  const endless = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => {}),
      return: async () => ((returned = true), { done: true, value: undefined }),
    }),
  };
  for (const stream of [silent, web, endless]) {
    const controller = new AbortController();
    const upload = failure(client.media.uploadImage(stream, { fileName: 'a.png', signal: controller.signal }));
    controller.abort();
    const error = await upload;
    assert.equal(error.code, 'ABORTED');
    assert.equal(error.outcomeUnknown, false);
    assert.equal(error.operation, 'media.upload_image');
    const late = await failure(client.media.uploadImage(new Readable({ read() {} }), { fileName: 'a.png', timeout: 10 }));
    assert.equal(late.code, 'NO_ANSWER');
    assert.equal(late.outcomeUnknown, false);
  }
  assert.ok(silent.destroyed && cancelled && returned);
  const { requests } = await sandbox.control('GET', '/sandbox/requests');
  assert.deepEqual(requests, []);
});

test('an aborted call rejects at once and says that the order may have been placed', async () => {
  const operation = 'payments.jsapi.prepay';
  const release = await hold(operation, 'abort');
  const controller = new AbortController();
  const call = failure(context.client.payments.jsapi.prepay(order(context.sandbox), { signal: controller.signal }));
  await context.sandbox.control('GET', '/sandbox');
  await held(operation, 1);
  const reason = new Error('the user closed the page');
  controller.abort(reason);
  const error = await call;
  assert.ok(error instanceof TimeoutError);
  assert.equal(error.code, 'ABORTED');
  assert.equal(error.outcomeUnknown, true);
  assert.equal(error.cause, reason);
  assert.equal(error.operation, operation);
  await release();
});

test('giving up what only reads leaves no doubt', async () => {
  const operation = 'payments.query_by_out_trade_no';
  const release = await hold(operation, 'read');
  const error = await failure(
    context.client.payments.queryByOutTradeNo({ out_trade_no: 'NOT-THERE' }, { timeout: 20 }),
  );
  assert.ok(error instanceof TimeoutError);
  assert.equal(error.code, 'NO_ANSWER');
  assert.equal(error.outcomeUnknown, false);
  await release();
});

test('a time-out of the platform works as a signal', async () => {
  const release = await hold('payments.jsapi.prepay', 'signal');
  const signal = AbortSignal.timeout(20);
  const error = await failure(context.client.payments.jsapi.prepay(order(context.sandbox), { signal }));
  assert.equal(error.code, 'NO_ANSWER');
  assert.equal(error.cause.name, 'TimeoutError');
  await release();
});

test('a call whose signal was aborted before is not sent', async () => {
  await context.sandbox.control('DELETE', '/sandbox/requests');
  const error = await failure(
    context.client.payments.jsapi.prepay(order(context.sandbox), { signal: AbortSignal.abort() }),
  );
  assert.equal(error.code, 'ABORTED');
  assert.equal(error.outcomeUnknown, false);
  const { requests } = await context.sandbox.control('GET', '/sandbox/requests');
  assert.deepEqual(requests, []);
});

test('a call that waits in line when it is given up is never sent', async () => {
  const { sandbox } = context;
  const client = new Client({ ...sandbox.clientOptions, threads: 1 });
  const release = await hold('payments.query_by_out_trade_no', 'line');
  await sandbox.control('DELETE', '/sandbox/requests');
  const first = failure(client.payments.queryByOutTradeNo({ out_trade_no: 'NOT-THERE' }));
  await held('payments.query_by_out_trade_no', 1);
  const controller = new AbortController();
  const second = failure(client.payments.jsapi.prepay(order(sandbox), { signal: controller.signal }));
  controller.abort();
  assert.equal((await second).outcomeUnknown, false);
  await release();
  await first;
  await client.close();
  const { requests } = await sandbox.control('GET', '/sandbox/requests?operation=payments.jsapi.prepay');
  assert.deepEqual(requests, []);
});

test('closing settles every promise: calls under way end as they end, later ones are refused', async () => {
  const { sandbox } = context;
  const client = new Client({ ...sandbox.clientOptions, threads: 4 });
  const operation = 'payments.query_by_out_trade_no';
  const release = await hold(operation, 'closing');
  await sandbox.control('DELETE', '/sandbox/requests');
  const calls = Array.from({ length: 12 }, () =>
    failure(client.payments.queryByOutTradeNo({ out_trade_no: 'NOT-THERE' })),
  );
  await held(operation, 4);
  const closing = client.close();
  const late = await failure(client.payments.queryByOutTradeNo({ out_trade_no: 'NOT-THERE' }));
  assert.ok(late instanceof ClosedError);
  await release();
  const codes = (await Promise.all(calls)).map((error) => error.code);
  assert.equal(codes.filter((code) => code === 'ORDER_NOT_EXIST').length, 4);
  assert.equal(codes.filter((code) => code === 'CLOSED').length, 8);
  await closing;
  await client.close();
});

test('`await using` waits for the calls under way, as close does', { skip: !Symbol.asyncDispose }, async () => {
  const { sandbox } = context;
  const client = new Client(sandbox.clientOptions);
  const operation = 'payments.jsapi.prepay';
  const release = await hold(operation, 'disposing');
  await sandbox.control('DELETE', '/sandbox/requests');
  let answered = false;
  const call = client.payments.jsapi.prepay(order(sandbox)).then(() => (answered = true));
  await held(operation, 1);
  const disposed = client[Symbol.asyncDispose]();
  assert.equal(answered, false);
  await release();
  await disposed;
  assert.ok(answered);
  await call;
  assert.ok((await failure(client.payments.jsapi.prepay(order(sandbox)))) instanceof ClosedError);
});

test('wrong options of a call are named', async () => {
  const { client, sandbox } = context;
  for (const [options, message] of [
    [{ signal: {} }, /options\.signal must be an AbortSignal/],
    [{ timeout: -1 }, /options\.timeout must be a number of milliseconds above 0, not -1/],
    [{ timeout: '5' }, /options\.timeout must be a number of milliseconds above 0, not a text/],
    ['fast', /options must be an object, not a text/],
  ]) {
    const error = await failure(client.payments.jsapi.prepay(order(sandbox), options));
    assert.match(error.message, message);
  }
});
