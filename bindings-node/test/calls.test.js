'use strict';

const assert = require('node:assert/strict');
const { test } = require('node:test');
const wechatpay = require('wechatpay-rs');
const { Client, answerInfo } = wechatpay;
const { useSandbox, order, failure } = require('./support/index.js');

const context = useSandbox();

test('an order is placed, paid, looked up and refunded', async () => {
  const { client, sandbox } = context;
  const params = order(sandbox);
  const { prepay_id } = await client.payments.jsapi.prepay(params);
  assert.equal(typeof prepay_id, 'string');
  const payment = await client.jsapiPayment({ appid: params.appid, prepayId: prepay_id });
  assert.equal(payment.package, `prepay_id=${prepay_id}`);
  assert.equal(payment.paySign.length, 344);
  await sandbox.pay(params.out_trade_no);
  const paid = await client.payments.queryByOutTradeNo({ out_trade_no: params.out_trade_no });
  assert.equal(paid.trade_state, 'SUCCESS');
  assert.equal(paid.amount.total, 100);
  const refund = await client.refunds.create({
    out_trade_no: params.out_trade_no,
    out_refund_no: `R-${params.out_trade_no}`,
    amount: { refund: 40, total: 100, currency: 'CNY' },
  });
  assert.equal(refund.amount.refund, 40);
});

test('the answer tells its request id, status and key, without being another object', async () => {
  const { client, sandbox } = context;
  const answer = await client.payments.native.prepay(order(sandbox, { payer: null }));
  const info = answerInfo(answer);
  assert.equal(info.status, 200);
  assert.ok(info.requestId);
  assert.equal(info.serial, sandbox.credentials.wechatpay_public_key_id);
  assert.deepEqual(Object.keys(answer), ['code_url']);
});

test('an answer without content is undefined or null, and an order once closed stays closed', async () => {
  const { client, sandbox } = context;
  const params = order(sandbox);
  await client.payments.jsapi.prepay(params);
  assert.equal(await client.payments.close({ out_trade_no: params.out_trade_no }), null);
  const closed = await client.payments.queryByOutTradeNo({ out_trade_no: params.out_trade_no });
  assert.equal(closed.trade_state, 'CLOSED');
});

test('an error of WeChat Pay is an ApiError with everything a support ticket needs', async () => {
  const error = await failure(context.client.payments.queryByOutTradeNo({ out_trade_no: 'NOT-THERE' }));
  assert.ok(error instanceof wechatpay.ApiError);
  assert.ok(error instanceof wechatpay.WeChatPayError);
  assert.ok(error instanceof Error);
  assert.equal(error.name, 'ApiError');
  assert.equal(error.kind, 'api');
  assert.equal(error.code, 'ORDER_NOT_EXIST');
  assert.equal(error.status, 404);
  assert.equal(error.operation, 'payments.query_by_out_trade_no');
  assert.ok(error.requestId);
  assert.ok(error.message.includes(error.requestId));
  assert.equal(error.outcomeUnknown, false);
  assert.match(error.stack, /calls\.test\.js/, 'the stack leads to the caller');
});

test('what is printed and logged of an error holds no body and no secret', async () => {
  const error = await failure(context.client.payments.queryByOutTradeNo({ out_trade_no: 'NOT-THERE' }));
  assert.ok(error.body.includes('ORDER_NOT_EXIST'));
  const json = JSON.parse(JSON.stringify(error));
  assert.equal(json.code, 'ORDER_NOT_EXIST');
  assert.equal(json.kind, 'api');
  assert.equal(json.outcomeUnknown, false);
  assert.equal('body' in json, false);
  assert.equal('stack' in json, false);
  const shown = require('node:util').inspect(error);
  assert.equal(shown.includes(error.body), false);
  for (const secret of [context.sandbox.credentials.api_v3_key, 'mchid="', 'PRIVATE KEY']) {
    assert.equal(shown.includes(secret), false);
  }
  assert.equal(require('node:util').inspect(context.client, { depth: 9, showHidden: true }).includes('PRIVATE'), false);
});

test('a value that WeChat Pay quotes is in the detail, and in nothing that is printed', async () => {
  const { client, sandbox } = context;
  const body = { code: 'PARAM_ERROR', message: '参数错误', detail: { field: '/payer/openid', value: 'o-secret-1', issue: 'no openid' } };
  const fault = { status: 400, raw_body: JSON.stringify(body), content_type: 'application/json' };
  await sandbox.fault({ match: { operation: 'payments.jsapi.prepay' }, fault });
  const error = await failure(client.payments.jsapi.prepay(order(sandbox)));
  assert.equal(error.detail.value, 'o-secret-1');
  assert.match(error.message, /\/payer\/openid: no openid/);
  assert.deepEqual(JSON.parse(JSON.stringify(error)).detail, { field: '/payer/openid', issue: 'no openid' });
  for (const shown of [require('node:util').inspect(error), JSON.stringify(error), String(error), error.stack]) {
    assert.equal(shown.includes('o-secret-1'), false, shown);
  }
});

test('an operation can be called by name, and a misspelt one is told', async () => {
  const { client, sandbox } = context;
  const params = order(sandbox);
  await client.call('payments.jsapi.prepay', params);
  const error = await failure(client.call('payments.jsapi.prepy', params));
  assert.ok(error instanceof wechatpay.InvalidRequestError);
  assert.match(error.message, /payments\.jsapi\.prepay/);
});

test('an endpoint that is not typed can be called', async () => {
  const { client, sandbox } = context;
  const params = order(sandbox, { mchid: sandbox.credentials.mchid });
  const answer = await client.request('POST', '/v3/pay/transactions/jsapi', params);
  assert.ok(answer.prepay_id);
  const path = `/v3/pay/transactions/out-trade-no/${params.out_trade_no}?mchid=${sandbox.credentials.mchid}`;
  assert.equal((await client.request('GET', path)).out_trade_no, params.out_trade_no);
});

test('fields are encrypted and decrypted', async () => {
  const { client, sandbox } = context;
  const { ciphertext, serial } = await client.encryptField('张三');
  assert.equal(serial, sandbox.credentials.wechatpay_public_key_id);
  assert.equal(Buffer.from(ciphertext, 'base64').length, 256);
  const echo = await client.security.echo({ echo_message: 'plain', encrypted_echo_message: '张三' });
  assert.equal(echo.encrypted_echo_message ?? echo.echo_message, echo.encrypted_echo_message ? '张三' : 'plain');
});

test('several clients live side by side', async () => {
  const { sandbox } = context;
  const clients = Array.from({ length: 5 }, () => new Client(sandbox.clientOptions));
  const params = order(sandbox);
  await clients[0].payments.jsapi.prepay(params);
  const states = await Promise.all(
    clients.map((client) => client.payments.queryByOutTradeNo({ out_trade_no: params.out_trade_no })),
  );
  assert.deepEqual(states.map((state) => state.trade_state), Array(5).fill('NOTPAY'));
  await Promise.all(clients.map((client) => client.close()));
});

test('a forged answer is refused, and its outcome is unknown', async () => {
  const { client, sandbox } = context;
  await sandbox.fault({ match: { operation: 'payments.h5.prepay', count: null }, fault: { signature: 'altered' } });
  const params = order(sandbox, { payer: null, scene_info: { payer_client_ip: '127.0.0.1', h5_info: { type: 'Wap' } } });
  const error = await failure(client.payments.h5.prepay(params));
  await sandbox.control('DELETE', '/sandbox/faults');
  assert.ok(error instanceof wechatpay.VerificationError, String(error));
  assert.equal(error.code, 'SIGNATURE_MISMATCH');
  assert.equal(error.outcomeUnknown, true);
});

test('options are checked when the client is made', () => {
  const { clientOptions } = context.sandbox;
  const { privateKey, ...keyless } = clientOptions;
  assert.ok(privateKey);
  const wrong = [
    [{ ...clientOptions, mchid: undefined }, /mchid is undefined/],
    [{ ...clientOptions, mchId: '1900000001' }, /mchId is not known/],
    [{ ...clientOptions, timeout: 0 }, /timeout must be a number of milliseconds above 0/],
    [{ ...clientOptions, privateKey: 12 }, /privateKey must be a text/],
    [{ ...clientOptions, privateKeyPath: '/x.pem' }, /more than once/],
    [{ ...keyless, privateKeyPath: '/nowhere/apiclient_key.pem' }, /apiclient_key\.pem/],
    [{ ...clientOptions, apiV3Key: 'too short' }, /32/],
    [{ ...clientOptions, downloadHosts: 'files.example.com' }, /downloadHosts must be an array of texts/],
    [{ ...clientOptions, downloadHosts: ['*.example.com'] }, /"\*\.example\.com".*files\.example\.com:8443/],
    [{ ...clientOptions, proxy: 'socks6://proxy.example' }, /socks5h:/],
    [null, /options must be an object, not null/],
  ];
  for (const [options, message] of wrong) {
    assert.throws(() => new Client(options), (error) => {
      assert.ok(error instanceof wechatpay.WeChatPayError, String(error));
      assert.match(error.message, message);
      assert.equal(error.message.includes('PRIVATE KEY-----'), false);
      return true;
    });
  }
});

test('instanceof holds for errors of another copy of the package', async () => {
  const error = await failure(context.client.payments.queryByOutTradeNo({ out_trade_no: 'NOT-THERE' }));
  const loaded = Object.keys(require.cache).filter((name) => /error(s)?\.js$/.test(name) && !name.includes('/test/'));
  for (const name of [...loaded, require.resolve('wechatpay-rs')]) delete require.cache[name];
  const copy = require('wechatpay-rs');
  assert.notEqual(copy.ApiError, wechatpay.ApiError);
  assert.ok(error instanceof copy.ApiError);
  assert.ok(error instanceof copy.WeChatPayError);
  assert.equal(error instanceof copy.TimeoutError, false);
  for (const value of [null, undefined, {}, new Error('x'), 'api']) assert.equal(value instanceof copy.WeChatPayError, false);
  class Mine extends copy.ApiError {}
  assert.equal(error instanceof Mine, false);
});
