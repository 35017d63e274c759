// Spans of OpenTelemetry, with its in-memory exporter.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';

import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { Client } from 'wechatpay-rs';
import { startSandbox } from 'wechatpay-rs/testing';

const exporter = new InMemorySpanExporter();
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));

let sandbox;
let client;
before(async () => {
  sandbox = await startSandbox();
  client = new Client({ ...sandbox.clientOptions, retries: 0 });
});
after(async () => {
  await client.close();
  await sandbox.close();
});
beforeEach(() => exporter.reset());

test('a call is a span by the conventions for HTTP', async () => {
  const { appid } = sandbox.credentials;
  await client.payments.native.prepay({
    appid,
    description: 'tea',
    out_trade_no: 'SPAN-1',
    notify_url: 'https://shop.example/notify',
    amount: { total: 1 },
  });
  const [span, ...others] = exporter.getFinishedSpans();
  assert.equal(others.length, 0);
  assert.equal(span.name, 'payments.native.prepay');
  assert.equal(span.kind, SpanKind.CLIENT);
  const { 'wechatpay.request_id': requestId, ...attributes } = span.attributes;
  assert.ok(requestId);
  assert.deepEqual(attributes, {
    'http.request.method': 'POST',
    'url.template': '/v3/pay/transactions/native',
    'server.address': '127.0.0.1',
    'server.port': Number(new URL(sandbox.credentials.base_url).port),
    'http.response.status_code': 200,
    'wechatpay.operation': 'payments.native.prepay',
  });
});

test('what failed says so and quotes nothing', async () => {
  await sandbox.control('POST', '/sandbox/faults', { match: { count: 2 }, fault: { close: 'before_answer' } });
  await assert.rejects(client.withOptions({ retries: 1 }).payments.queryByOutTradeNo({ out_trade_no: 'SECRET-NUMBER' }), {
    attempts: 2,
  });
  await assert.rejects(client.request('GET', '/v3/nowhere?name=SECRET-NAME'));
  const aborted = AbortSignal.abort();
  await assert.rejects(client.payments.close({ out_trade_no: 'SECRET-NUMBER' }, { signal: aborted }));
  const [lost, unknown, ...others] = exporter.getFinishedSpans();
  // What never began is no call.
  assert.equal(others.length, 0);
  assert.equal(lost.attributes['http.request.resend_count'], 1);
  assert.equal(lost.attributes['wechatpay.outcome_unknown'], false);
  assert.equal(lost.status.code, SpanStatusCode.ERROR);
  assert.equal(unknown.name, 'GET /v3/nowhere');
  assert.equal(unknown.attributes['http.response.status_code'], 404);
  for (const { name, attributes, status } of exporter.getFinishedSpans()) {
    assert.doesNotMatch(JSON.stringify([name, attributes, status]), /SECRET/);
  }
});

test('local work is no span', async () => {
  await client.prepare('payments.close', { out_trade_no: 'SPAN-2' });
  await client.jsapiPayment({ appid: sandbox.credentials.appid, prepayId: 'wx20' });
  assert.equal(exporter.getFinishedSpans().length, 0);
});
