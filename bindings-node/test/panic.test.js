'use strict';

// The packages under test are built with the feature `provoke-panic`, which those that are published never are.

const assert = require('node:assert/strict');
const { test } = require('node:test');
const { InternalError, WeChatPayError } = require('wechatpay-rs');
const { useSandbox, order, failure } = require('./support/index.js');

const context = useSandbox();
const STATUS = { status: 200, headers: {}, body: Buffer.from('{}') };

for (const [where, provoke] of [
  ['on a thread of the core', (client) => client.call('test.panic', {})],
  ['on the event loop', (client) => client.finish('test.panic', STATUS)],
]) {
  test(`a panic ${where} is an error that says so, and the process and the client live on`, async () => {
    const { client, sandbox } = context;
    const error = await failure(provoke(client));
    assert.ok(error instanceof InternalError, String(error));
    assert.ok(error instanceof WeChatPayError);
    assert.equal(error.kind, 'internal');
    assert.equal(error.code, 'PANIC');
    assert.equal(error.outcomeUnknown, true);
    assert.match(error.message, /bug in wechatpay-rs.*provoked by a test/);
    assert.match(error.stack, /panic\.test\.js/);
    assert.ok((await client.payments.jsapi.prepay(order(sandbox))).prepay_id);
  });
}

test('as many panics as there are threads use up none of them', async () => {
  const { client, sandbox } = context;
  const errors = await Promise.all(Array.from({ length: 80 }, () => failure(client.call('test.panic', {}))));
  assert.deepEqual(new Set(errors.map((error) => error.code)), new Set(['PANIC']));
  assert.ok((await client.payments.jsapi.prepay(order(sandbox))).prepay_id);
});
