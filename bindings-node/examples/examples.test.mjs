// Runs every example: the sandbox pays an order and notifies the application over HTTP.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { Client } from 'wechatpay-rs';
import { startSandbox } from 'wechatpay-rs/testing';
import { withFetch, withUndici } from './own-http-client.mjs';

let sandbox;
let client;

before(async () => {
  sandbox = await startSandbox();
  client = new Client(sandbox.clientOptions);
});

after(async () => {
  await client.close();
  await sandbox.close();
});

let orders = 0;

async function place(notify_url) {
  orders += 1;
  const out_trade_no = `EXAMPLE-${orders}`;
  const { appid, openid } = sandbox.credentials;
  const order = { appid, description: 'tea', out_trade_no, notify_url, amount: { total: 1 }, payer: { openid } };
  await client.payments.jsapi.prepay(order);
  return out_trade_no;
}

/** Pays an order whose notification goes to `url`; gives the status with which that was answered. */
async function notified(url) {
  const out_trade_no = await place(url);
  await sandbox.control('DELETE', '/sandbox/notifications');
  await sandbox.pay(out_trade_no);
  const { notifications } = await sandbox.control('GET', '/sandbox/notifications?wait=true');
  return { out_trade_no, attempt: notifications[0].attempts[0] };
}

/** Has the sandbox notify `url` of a transaction with this content; gives the attempt. */
async function notifiedOf(notify_url, resource) {
  await sandbox.control('DELETE', '/sandbox/notifications');
  const event = { event_type: 'TRANSACTION.SUCCESS', original_type: 'transaction', resource, notify_url };
  await sandbox.control('POST', '/sandbox/notifications', event);
  const { notifications } = await sandbox.control('GET', '/sandbox/notifications?wait=true');
  return notifications[0].attempts[0];
}

/** What is answered to a body of unknown length as soon as it is too long by a byte; its end is sent only on request. */
function tooLong(port, { ended }) {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1');
    socket.on('data', (chunk) => {
      answer += chunk;
      // Head and the one line of the body.
      if (/\r\n\r\n.*\}/s.test(answer)) socket.destroy();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
    const size = 2 * 1024 * 1024 + 1;
    socket.write('POST /wechatpay/notify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n');
    socket.write(`Transfer-Encoding: chunked\r\n\r\n${size.toString(16)}\r\n`);
    socket.write(Buffer.alloc(size, 'x'));
    if (ended) socket.write('\r\n0\r\n\r\n');
  });
}

const quiet = console.error;

for (const name of ['express', 'koa', 'fastify', 'nest', 'fetch']) {
  test(`${name}: verified notifications get through, forged ones do not, other routes are not disturbed`, async () => {
    const { createApp, listen } = await import(`./${name}.mjs`);
    const stored = [];
    let broken = false;
    const store = (order) => {
      if (broken) throw new Error('the database is down');
      stored.push(order.out_trade_no);
    };
    const { port, close } = await listen(createApp(client, store));
    const url = `http://127.0.0.1:${port}/wechatpay/notify`;
    console.error = () => {};
    try {
      const { out_trade_no, attempt } = await notified(url);
      assert.equal(attempt.status, 204, JSON.stringify(attempt));
      assert.deepEqual(stored, [out_trade_no]);

      const headers = { ...attempt.headers, 'Content-Type': 'application/json' };
      delete headers['content-length'];
      const forged = await fetch(url, { method: 'POST', headers, body: attempt.body.replace('TRANSACTION', 'TRANSACTIOM') });
      assert.equal(forged.status, 401);
      assert.equal((await forged.json()).code, 'FAIL');

      broken = true;
      assert.equal((await notified(url)).attempt.status, 500, 'so that WeChat Pay sends it again');
      broken = false;

      const json = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"a":1}' };
      assert.deepEqual(await (await fetch(`http://127.0.0.1:${port}/orders`, json)).json(), { a: 1 });

      const combined = await notifiedOf(url, { combine_out_trade_no: out_trade_no, sub_orders: [{ out_trade_no }] });
      assert.equal(combined.status, 500, 'what is not understood is not acknowledged');

      // Nest reads the body before the adapter does, to its end, and has a limit of its own.
      const huge = await tooLong(port, { ended: name === 'nest' });
      assert.match(huge, /^HTTP\/1\.1 413 /);
      if (name !== 'nest') assert.ok(huge.includes('{"code":"FAIL","message":"BODY_TOO_LARGE"}'), huge);
      assert.deepEqual(stored, [out_trade_no]);
    } finally {
      console.error = quiet;
      await close();
    }
  });
}

test('nest: by hand', async () => {
  const { createApp, listen } = await import('./nest.mjs');
  const stored = [];
  const { port, close } = await listen(createApp(client, (order) => void stored.push(order.out_trade_no)));
  const { out_trade_no, attempt } = await notified(`http://127.0.0.1:${port}/wechatpay/notify-by-hand`);
  assert.equal(attempt.status, 204);
  assert.deepEqual(stored, [out_trade_no]);
  await close();
});

test('express: a body that was parsed too early is refused with the reason', async () => {
  const { default: express } = await import('express');
  const { express: adapter } = await import('wechatpay-rs/http');
  const seen = [];
  const app = express();
  app.use(express.json());
  app.post('/notify', adapter(client, () => assert.fail(), { onError: (error) => void seen.push(error) }));
  const { listen } = await import('./express.mjs');
  const { port, close } = await listen(app);
  const { attempt } = await notified(`http://127.0.0.1:${port}/notify`);
  assert.equal(attempt.status, 500);
  assert.equal(seen[0].code, 'WECHATPAY_RS_RAW_BODY');
  assert.match(seen[0].message, /express\.json/);
  await close();
});

test('prepare and finish with fetch and undici', async () => {
  const out_trade_no = await place('http://127.0.0.1:1/notify');
  for (const query of [withFetch, withUndici]) {
    assert.equal((await query(client, out_trade_no)).trade_state, 'NOTPAY');
  }
});
