'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { Client, InvalidRequestError } = require('wechatpay-rs');
const { useSandbox, order, failure } = require('./support/index.js');

const context = useSandbox();

const cyclic = { currency: 'CNY' };
cyclic.self = cyclic;

class Money {
  toJSON() {
    return 100;
  }
}

// What goes wrong in JavaScript, and the argument that the error must name.
const cases = [
  ['undefined in place of a field', { attach: undefined }, 'params.attach', /undefined/],
  ['NaN', { amount: { total: NaN } }, 'params.amount.total', /NaN/],
  ['Infinity', { amount: { total: Infinity } }, 'params.amount.total', /Infinity/],
  ['a fraction of a fen', { amount: { total: 1.5 } }, '/amount/total', /1\.5/],
  ['a number beyond 2^53', { amount: { total: 2 ** 53 } }, 'params.amount.total', /exact.*BigInt/],
  ['a BigInt beyond 64 bits', { amount: { total: 2n ** 64n } }, 'params.amount.total', /64 bits/],
  ['a negative BigInt beyond 64 bits', { amount: { total: -(2n ** 63n) - 1n } }, 'params.amount.total', /64 bits/],
  ['a Date', { time_expire: new Date(0) }, 'params.time_expire', /Date.*toISOString/],
  ['an object of a class with toJSON', { amount: { total: new Money() } }, 'params.amount.total', /Money/],
  ['a cyclic object', { amount: cyclic }, 'params.amount.self', /contains itself/],
  ['half of a surrogate pair', { description: 'tea \ud83c' }, 'params.description', /surrogate/],
  ['a function', { attach: () => {} }, 'params.attach', /function/],
  ['a symbol', { attach: Symbol('x') }, 'params.attach', /symbol/],
  ['a Buffer', { attach: Buffer.from('x') }, 'params.attach', /Buffer/],
  ['a Map', { amount: new Map([['total', 1]]) }, 'params.amount', /Map/],
  ['an amount as text', { amount: { total: '100' } }, '/amount/total', /./],
  ['a misspelt field', { out_tradeno: 'X' }, 'out_trade_no', /./],
  ['a text that is too long', { attach: 'x'.repeat(129) }, 'attach', /128/],
];

for (const [what, more, names, message] of cases) {
  test(`${what} is refused, and the error names the argument`, async () => {
    const { client, sandbox } = context;
    await sandbox.control('DELETE', '/sandbox/requests');
    const error = await failure(client.payments.jsapi.prepay(order(sandbox, more)));
    assert.ok(error instanceof InvalidRequestError, String(error));
    assert.ok(error.message.includes(names), error.message);
    assert.match(error.message, message);
    assert.equal(error.operation, 'payments.jsapi.prepay');
    assert.equal(error.outcomeUnknown, false);
    const { requests } = await sandbox.control('GET', '/sandbox/requests');
    assert.deepEqual(requests, [], 'nothing was sent');
  });
}

test('parameters that are no object are refused', async () => {
  for (const params of [1, 'text', [], true, 10n, () => {}, Symbol('x')]) {
    const error = await failure(context.client.payments.jsapi.prepay(params));
    assert.ok(error instanceof InvalidRequestError);
    assert.match(error.message, /params must be an object/);
  }
});

test('missing parameters are told by name', async () => {
  for (const params of [undefined, null, {}]) {
    const error = await failure(context.client.payments.jsapi.prepay(params));
    assert.ok(error instanceof InvalidRequestError);
    assert.equal(error.code, 'MISSING_PARAMETER');
    assert.match(error.message, /appid/);
  }
});

test('a getter that throws is the caller\'s own error', async () => {
  const params = order(context.sandbox);
  const own = new Error('mine');
  Object.defineProperty(params, 'attach', { enumerable: true, get() { throw own; } });
  assert.equal(await failure(context.client.payments.jsapi.prepay(params)), own);
});

test('null leaves a field out, and objects without a prototype are objects', async () => {
  const { client, sandbox } = context;
  const params = Object.assign(Object.create(null), order(sandbox, { attach: null }));
  assert.ok((await client.payments.jsapi.prepay(params)).prepay_id);
});

test('the same object may stand in two places', async () => {
  const { client, sandbox } = context;
  const goods = { merchant_goods_id: 'g1', quantity: 1, unit_price: 50 };
  const params = order(sandbox, { detail: { goods_detail: [goods, goods] } });
  assert.ok((await client.payments.jsapi.prepay(params)).prepay_id);
});

test('text arguments are checked', async () => {
  const { client } = context;
  for (const [call, message] of [
    [() => client.call(undefined), /operation must be a text, not undefined/],
    [() => client.jsapiPayment({ appid: 1, prepayId: 'x' }), /appid must be a text/],
    [() => client.jsapiPayment({ appid: 'wx', prepayId: '' }), /prepay_id/],
    [() => client.decryptField(Buffer.alloc(1)), /ciphertext must be a text, not a Buffer/],
    [() => client.encryptField('\ud800'), /surrogate/],
    [() => client.request('BREW', '/v3/coffee'), /BREW/],
    [() => client.request('GET', 'no-slash'), /slash/],
  ]) {
    assert.match((await failure(call())).message, message);
  }
});

test('what is no answer is refused, and the error names the part', async () => {
  const { client } = context;
  const operation = 'payments.query_by_out_trade_no';
  const detached = new Uint8Array(8);
  structuredClone(detached, { transfer: [detached.buffer] });
  const read = new Response('{}');
  await read.text();
  for (const [response, message] of [
    [undefined, /response must be a Response/],
    ['{}', /response must be a Response.*not a text/],
    [{ headers: {}, body: '' }, /response\.status must be an HTTP status, not undefined/],
    [{ status: NaN, headers: {} }, /response\.status/],
    [{ status: 200n, headers: {} }, /response\.status/],
    [{ status: 200 }, /response\.headers must be the headers.*not undefined/],
    [{ status: 200, headers: {}, body: { code: 1 } }, /response\.body must be a Buffer, Uint8Array or ArrayBuffer, not an object/],
    [{ status: 200, headers: {}, body: detached }, /response\.body is over an ArrayBuffer that was transferred away/],
    [read, /response was read already/],
  ]) {
    for (const finish of [() => client.finish(operation, response), () => client.finishRequest('GET', response)]) {
      const error = await failure(finish());
      assert.ok(error instanceof InvalidRequestError, String(error));
      assert.match(error.message, message);
    }
  }
  const unsigned = await failure(client.finish(operation, new Response('{}')));
  assert.equal(unsigned.code, 'MISSING_HEADER');
});

test('a client made of another shares everything with it', async () => {
  class Shop extends Client {
    constructor(sandbox) {
      super(sandbox.clientOptions);
    }
  }
  const client = new Shop(context.sandbox);
  const shop = client.withOptions({ timeout: 60_000, retries: 0, acceptLanguage: undefined }).forSubMerchant('1900000109');
  assert.ok(shop instanceof Shop);
  assert.equal(shop.mchid, client.mchid);
  const { appid } = context.sandbox.credentials;
  await shop.partnerPayments.native.prepay({
    sp_appid: appid,
    description: 'tea',
    out_trade_no: 'SHARED-1',
    notify_url: 'https://shop.example/notify',
    amount: { total: 1 },
  });
  const found = await shop.partnerPayments.queryByOutTradeNo({ out_trade_no: 'SHARED-1' });
  assert.equal(found.sub_mchid, '1900000109');
  await shop.close();
  await assert.rejects(client.payments.queryByOutTradeNo({ out_trade_no: 'SHARED-1' }), { kind: 'closed' });
});

for (const [options, told] of [
  [{ timeuot: 1 }, /timeuot is not known/],
  [{ timeout: -1 }, /timeout must be/],
  [{ retries: 1.5 }, /retries must be/],
  [{ headers: { Authorization: 'x' } }, /Authorization/],
  [{ headers: { 'Wechatpay-Trial': 'a\nb' } }, /characters/],
  [null, /must be an object/],
]) {
  test(`options of calls: ${JSON.stringify(options)}`, () => {
    assert.throws(() => context.client.withOptions(options), { kind: 'config', message: told });
  });
}
