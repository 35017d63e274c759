'use strict';

// What the adapters answer and how much they read; the frameworks themselves are in examples/.

const assert = require('node:assert/strict');
const { connect } = require('node:net');
const { Readable } = require('node:stream');
const { test } = require('node:test');
const { Client } = require('wechatpay-rs');
const { express, fetchHandler, koa, notificationReplies } = require('wechatpay-rs/http');
const { useSandbox, listen, failure, notification } = require('./support/index.js');

const context = useSandbox();
const LIMIT = 2 * 1024 * 1024;
const TOO_LARGE = { code: 'FAIL', message: 'BODY_TOO_LARGE' };

/** A handler that must not be called, and what the operator was told. */
function watched() {
  const told = [];
  return { handler: () => assert.fail('it was handled'), options: { onError: (error) => void told.push(error) }, told };
}

/** A body that ends never, and how often more of it was asked for. */
function endless() {
  const body = { pulled: 0 };
  body.stream = new ReadableStream(
    {
      pull(controller) {
        body.pulled += 1;
        controller.enqueue(new Uint8Array(64 * 1024));
      },
    },
    { highWaterMark: 0 },
  );
  return body;
}

test('a fetch handler stops reading at the limit, whatever the length that was announced', async () => {
  for (const announced of [{}, { 'content-length': '5' }]) {
    const { handler, options, told } = watched();
    const body = endless();
    const request = new Request('http://localhost/', { method: 'POST', body: body.stream, duplex: 'half', headers: announced });
    const response = await fetchHandler(context.client, handler, options)(request);
    assert.equal(response.status, 413);
    assert.equal(response.headers.get('content-type'), 'application/json');
    assert.deepEqual(await response.json(), TOO_LARGE);
    assert.equal(told[0].code, 'BODY_TOO_LARGE');
    assert.equal(body.pulled, LIMIT / (64 * 1024) + 1);
  }
});

test('a Node server stops reading at the limit, and still answers', async () => {
  const { handler, options, told } = watched();
  const { url, close } = await listen(express(context.client, handler, options));
  const answer = await new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('data', (chunk) => (text += chunk)).on('end', () => resolve(text)).on('error', reject);
    socket.write(`POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n${(LIMIT + 1).toString(16)}\r\n`);
    socket.write(Buffer.alloc(LIMIT + 1)); // Its end is never sent.
  });
  assert.match(answer, /^HTTP\/1\.1 413 /);
  assert.match(answer, /connection: close/i);
  assert.ok(answer.endsWith(JSON.stringify(TOO_LARGE)), answer);
  assert.equal(told[0].code, 'BODY_TOO_LARGE');
  await close();
});

test('a Koa middleware stops reading at the limit', async () => {
  const { handler, options } = watched();
  const req = new Readable({ read() { this.push(Buffer.alloc(64 * 1024)); } });
  const set = {};
  const ctx = { headers: {}, req, request: {}, set: (name, value) => (set[name] = value) };
  await koa(context.client, handler, options)(ctx);
  assert.equal(ctx.status, 413);
  assert.deepEqual(JSON.parse(ctx.body), TOO_LARGE);
  assert.equal(set.Connection, 'close');
  req.destroy();
});

test('what is answered is what the core says, and nothing of the reason gets out', async () => {
  const { client, sandbox } = context;
  const { headers, body } = await notification(sandbox, client);
  const other = new Client({ ...sandbox.clientOptions, apiV3Key: 'another-key-of-thirty-two-chars.' });
  const post = async (who, given, bytes, handler) => {
    const { options, told } = watched();
    const request = new Request('http://localhost/', { method: 'POST', headers: given, body: bytes });
    const response = await fetchHandler(who, handler ?? (() => assert.fail('it was handled')), options)(request);
    const text = await response.text();
    const { error } = told.length > 0 ? { error: told[0] } : {};
    return [response.status, text === '' ? '' : JSON.parse(text).message, error?.code];
  };
  const probing = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, /signature$/i.test(name) ? `WECHATPAY/SIGNTEST/${value}` : value]),
  );
  assert.deepEqual(await post(client, headers, body, () => {}), [204, '', undefined]);
  assert.deepEqual(await post(client, {}, body), [401, 'MISSING_HEADER', 'MISSING_HEADER']);
  assert.deepEqual(await post(client, probing, body), [401, 'SIGNTEST_PROBE', 'SIGNTEST_PROBE']);
  assert.deepEqual(await post(other, headers, body), [500, 'WRONG_API_V3_KEY', 'WRONG_API_V3_KEY']);
  const broken = () => {
    throw new Error('the database is down');
  };
  assert.deepEqual(await post(client, headers, body, broken), [500, 'HANDLER_FAILED', undefined]);
  // The notification is good: an error of another call in the handler says nothing about it.
  const asking = async () => {
    const refused = await failure(client.notifications.parse({}, body));
    assert.equal(refused.notificationReply.status, 401);
    throw refused;
  };
  assert.deepEqual(await post(client, headers, body, asking), [500, 'HANDLER_FAILED', 'MISSING_HEADER']);
  await other.close();
});

test('a handler returns the answer that is asked for', async () => {
  const { client, sandbox } = context;
  const wanted = { notification: 'parking.reminders.fee_asked', notify_url: 'http://127.0.0.1:1/notify' };
  const { id } = await sandbox.control('POST', '/sandbox/notifications', wanted);
  await sandbox.control('GET', '/sandbox/notifications?wait=true');
  const { attempts } = await sandbox.control('GET', `/sandbox/notifications/${id}`);
  const { headers, body } = attempts.at(-1);
  const post = async (handler, options) =>
    fetchHandler(client, handler, options)(new Request('http://localhost/', { method: 'POST', headers, body }));
  const told = await post((asked) => client.notifications.answer(asked, { code: 'FAIL', message: '停车单不存在' }));
  const reply = { status: told.status, body: await told.text(), authorization: told.headers.get('authorization') };
  const verdict = await sandbox.control('POST', `/sandbox/notifications/${id}/answer`, reply);
  assert.deepEqual(verdict, { taken: true, why: '' });
  const { options, told: errors } = watched();
  const nothing = await post(() => {}, options);
  assert.equal(nothing.status, 500);
  assert.match(errors[0].message, /notifications\.answer/);
});

test('those who answer by hand have the same answers', async () => {
  assert.deepEqual(notificationReplies.accepted, { status: 204, body: '' });
  assert.equal(notificationReplies.handlerFailed.status, 500);
  const error = await failure(context.client.notifications.parse({}, Buffer.from('x')));
  assert.deepEqual(error.notificationReply, { status: 401, body: '{"code":"FAIL","message":"MISSING_HEADER"}' });
});

test('headers as lists of one and under changed names', async () => {
  const { client, sandbox } = context;
  const { headers, body } = await notification(sandbox, client);
  const changed = (change) => Object.fromEntries(Object.entries(headers).map(change));
  const lists = changed(([name, value]) => [name, [value]]);
  assert.equal((await client.notifications.parse(lists, body)).type, 'payments.transaction');
  for (const change of [
    ([name, value]) => [name.replaceAll('-', '_'), value],
    ([name, value]) => [`HTTP_${name.replaceAll('-', '_').toUpperCase()}`, value],
  ]) {
    const error = await failure(client.notifications.parse(changed(change), body));
    assert.equal(error.code, 'MISSING_HEADER');
    assert.match(error.message, /_/);
  }
});
