'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { Client, ClosedError, DecryptionError, InvalidRequestError, VerificationError } = require('wechatpay-rs');
const { useSandbox, failure, notification } = require('./support/index.js');

const context = useSandbox();

test('a notification is verified and decrypted, from every shape of headers and bytes', async () => {
  const { client, sandbox } = context;
  const { headers, body, outTradeNo } = await notification(sandbox, client);
  const entries = Object.entries(headers);
  const shapes = [
    headers,
    Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value])),
    Object.fromEntries(entries.map(([name, value]) => [name.toUpperCase(), [value]])),
    new Headers(entries),
    new Map(entries),
    entries,
    entries.flat(),
  ];
  for (const shape of shapes) {
    const notice = await client.notifications.parse(shape, body);
    assert.equal(notice.type, 'payments.transaction');
    assert.equal(notice.event_type, 'TRANSACTION.SUCCESS');
    assert.equal(notice.resource.out_trade_no, outTradeNo);
  }
  const bytes = new Uint8Array(body);
  for (const raw of [bytes, bytes.buffer, Buffer.concat([Buffer.from('xx'), body]).subarray(2), new DataView(bytes.buffer)]) {
    assert.equal((await client.notifications.parse(headers, raw)).resource.out_trade_no, outTradeNo);
  }
});

test('what was parsed or decoded before is refused, with the reason', async () => {
  const { client, sandbox } = context;
  const { headers, body } = await notification(sandbox, client);
  for (const [value, message] of [
    [JSON.parse(body), /raw bytes.*not an object.*wechatpay-rs\/http/],
    [body.toString(), /is a text.*Buffer/],
    [undefined, /not undefined/],
    [null, /not null/],
  ]) {
    const error = await failure(client.notifications.parse(headers, value));
    assert.ok(error instanceof InvalidRequestError);
    assert.match(error.message, message);
  }
  const detached = new Uint8Array(body);
  structuredClone(detached, { transfer: [detached.buffer] });
  assert.match((await failure(client.notifications.parse(headers, detached))).message, /body.*transferred away/);
  assert.match((await failure(client.notifications.parse('x', body))).message, /headers must be/);
});

test('an altered, old or stripped notification is refused, and the code says why', async () => {
  const { client, sandbox } = context;
  const { headers, body } = await notification(sandbox, client);
  const name = (wanted) => Object.keys(headers).find((header) => header.toLowerCase() === wanted);
  const altered = Buffer.from(body);
  altered[altered.indexOf('ciphertext') + 20] ^= 1;
  const without = { ...headers };
  delete without[name('wechatpay-signature')];
  const old = { ...headers, [name('wechatpay-timestamp')]: '1500000000' };
  const stranger = { ...headers, [name('wechatpay-serial')]: 'PUB_KEY_ID_0000000000000000000000000000000000' };
  for (const [given, bytes, code] of [
    [headers, altered, 'SIGNATURE_MISMATCH'],
    [headers, Buffer.concat([body, Buffer.from('\n')]), 'SIGNATURE_MISMATCH'],
    [without, body, 'MISSING_HEADER'],
    [old, body, 'CLOCK_OFF'],
    [stranger, body, 'UNKNOWN_SERIAL'],
    [{}, Buffer.alloc(0), 'MISSING_HEADER'],
  ]) {
    const error = await failure(client.notifications.parse(given, bytes));
    assert.ok(error instanceof VerificationError, `${code}: ${error}`);
    assert.equal(error.code, code);
  }
});

test('a body that was parsed and written anew is refused, however it is written', async () => {
  const { client, sandbox } = context;
  const { headers, body } = await notification(sandbox, client);
  const parsed = JSON.parse(body);
  const sorted = Object.fromEntries(Object.entries(parsed).sort(([one], [other]) => (one < other ? -1 : 1)));
  for (const text of [JSON.stringify(parsed), JSON.stringify(parsed, null, 2), JSON.stringify(parsed, null, '\t'), JSON.stringify(sorted)]) {
    const error = await failure(client.notifications.parse(headers, Buffer.from(text)));
    assert.equal(error.code, 'SIGNATURE_MISMATCH');
    assert.match(error.message, /re-serialised/);
  }
});

test('another APIv3 key is told apart from a forgery', async () => {
  const { client, sandbox } = context;
  const { headers, body } = await notification(sandbox, client);
  const other = new Client({ ...sandbox.clientOptions, apiV3Key: 'another-key-of-thirty-two-chars.' });
  const error = await failure(other.notifications.parse(headers, body));
  assert.ok(error instanceof DecryptionError, String(error));
  assert.equal(error.code, 'WRONG_API_V3_KEY');
  await other.close();
  assert.ok((await failure(other.notifications.parse(headers, body))) instanceof ClosedError);
});

test('with platform certificates the one that signed is fetched, without a block of the event loop', async () => {
  const { sandbox, client } = context;
  const { wechatpayPublicKey, wechatpayPublicKeyId, ...rest } = sandbox.clientOptions;
  const lazy = new Client({ ...rest, platformRoot: sandbox.credentials.root_certificate });
  await sandbox.fault({ match: { notification: '*' }, fault: { signer: 'certificate' } });
  const { headers, body, outTradeNo } = await notification(sandbox, client);
  const notice = await lazy.notifications.parse(headers, body);
  assert.equal(notice.serial, sandbox.credentials.platform_serial_no);
  assert.equal(notice.resource.out_trade_no, outTradeNo);
  await lazy.close();
});
