'use strict';

// No number changes on its way, whatever JavaScript can hold.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const { test } = require('node:test');
const { inspect } = require('node:util');
const { Client } = require('wechatpay-rs');
const { useSandbox, order, failure } = require('./support/index.js');

const context = useSandbox();

const API_V3_KEY = '0123456789abcdefghijklmnopqrstuv';
const ID = 'PUB_KEY_ID_0119000000012026010100000000000000';
const wechatpay = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });

/** A client that believes the key of this file. */
function believing() {
  const { wechatpayPublicKey, ...options } = context.sandbox.clientOptions;
  assert.ok(wechatpayPublicKey);
  return new Client({
    ...options,
    apiV3Key: API_V3_KEY,
    wechatpayPublicKey: wechatpay.publicKey.export({ type: 'spki', format: 'pem' }),
    wechatpayPublicKeyId: ID,
  });
}

function signed(body) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const message = `${timestamp}\nnonce\n${body}\n`;
  return {
    'wechatpay-serial': ID,
    'wechatpay-timestamp': timestamp,
    'wechatpay-nonce': 'nonce',
    'wechatpay-signature': crypto.sign('sha256', message, wechatpay.privateKey).toString('base64'),
  };
}

function notice(content) {
  const cipher = crypto.createCipheriv('aes-256-gcm', API_V3_KEY, 'fdasflkja484');
  const sealed = Buffer.concat([cipher.update(content), cipher.final(), cipher.getAuthTag()]);
  const body = JSON.stringify({
    id: 'EV-1',
    create_time: '2026-01-01T00:00:00+08:00',
    event_type: 'TRANSACTION.SUCCESS',
    resource_type: 'encrypt-resource',
    resource: {
      algorithm: 'AEAD_AES_256_GCM',
      ciphertext: sealed.toString('base64'),
      nonce: 'fdasflkja484',
      original_type: 'transaction',
    },
  });
  return [signed(body), Buffer.from(body)];
}

const NUMBERS = '{"held":9007199254740991,"id":9007199254740993,"negative":-9007199254740993,"long":18446744073709551616,"rate":0.12345678901234567,"half":0.5}';
const EXACT = {
  held: 9007199254740991,
  id: '9007199254740993',
  negative: '-9007199254740993',
  long: '18446744073709551616',
  rate: '0.12345678901234567',
  half: 0.5,
};

test('an answer keeps its numbers: what JavaScript cannot hold is text', async () => {
  const client = believing();
  const response = { status: 200, headers: signed(NUMBERS), body: Buffer.from(NUMBERS) };
  assert.deepEqual(await client.finish('payments.query_by_out_trade_no', response), EXACT);
  assert.deepEqual(await client.finishRequest('GET', response), EXACT);
  const error = '{"code":"PARAM_ERROR","message":"x","detail":{"field":"/id","value":9007199254740993}}';
  const refused = await failure(
    client.finish('payments.query_by_out_trade_no', { status: 400, headers: {}, body: Buffer.from(error) }),
  );
  assert.equal(refused.detail.value, '9007199254740993');
});

test('a notification keeps its numbers, at once and on a thread', async () => {
  const client = believing();
  const { resource } = await client.notifications.parse(...notice(NUMBERS));
  assert.deepEqual(resource, EXACT);
  const long = JSON.stringify({ note: 'x'.repeat(100_000) }).replace('}', `,${NUMBERS.slice(1)}`);
  const { note, ...rest } = (await client.notifications.parse(...notice(long))).resource;
  assert.equal(note.length, 100_000);
  assert.deepEqual(rest, EXACT);
});

test('a BigInt is sent as a whole number, digit for digit', async () => {
  const { client } = context;
  const body = { a: 9007199254740993n, list: [18446744073709551615n, -9223372036854775808n, null, 'x"'], b: { c: true } };
  const { body: written } = await client.prepareRequest('POST', '/v3/x', body);
  assert.equal(
    written.toString(),
    '{"a":9007199254740993,"list":[18446744073709551615,-9223372036854775808,null,"x\\""],"b":{"c":true}}',
  );
  const params = order(context.sandbox, { amount: { total: 100n, currency: 'CNY' } });
  await client.payments.jsapi.prepay(params);
  const { requests } = await context.sandbox.control('GET', '/sandbox/requests?operation=payments.jsapi.prepay');
  assert.equal(JSON.parse(requests.at(-1).body).amount.total, 100);
});

test('a number with more digits than are kept is refused, and not shown', async () => {
  const error = await failure(context.client.prepareRequest('POST', '/v3/x', { rate: 0.12345678901234568 }));
  assert.equal(error.kind, 'invalid_request');
  assert.equal(inspect(error).includes('0.1234'), false);
  const unsafe = await failure(context.client.prepareRequest('POST', '/v3/x', { id: 2 ** 53 }));
  assert.equal(unsafe.detail.field, 'body.id');
  assert.equal(inspect(unsafe).includes('9007199254740992'), false);
});
