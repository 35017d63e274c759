'use strict';

const { after, before } = require('node:test');
const { createServer } = require('node:http');
const { once } = require('node:events');
const { Client } = require('wechatpay-rs');
const { startSandbox } = require('wechatpay-rs/testing');

/** A sandbox for the tests of one file. */
function useSandbox(args) {
  const context = {};
  before(async () => {
    context.sandbox = await startSandbox({ args });
    context.client = new Client(context.sandbox.clientOptions);
  });
  after(async () => {
    await context.client.close();
    await context.sandbox.close();
  });
  return context;
}

let orders = 0;

/** Parameters of a new order. */
function order(sandbox, more) {
  orders += 1;
  return {
    appid: sandbox.credentials.appid,
    description: '茶 tea',
    out_trade_no: `NODE-${process.pid}-${orders}`,
    notify_url: 'http://127.0.0.1:1/notify',
    amount: { total: 100, currency: 'CNY' },
    payer: { openid: sandbox.credentials.openid },
    ...more,
  };
}

/** The error that a promise rejects with. */
async function failure(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it should have failed');
}

/** A server on a free port, closed by the returned function. */
async function listen(handler) {
  const server = createServer(handler);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  return { url, close: () => new Promise((resolve) => server.close(resolve)) };
}

/** The raw bytes and headers of a notification that the sandbox made, as WeChat Pay would post it. */
async function notification(sandbox, client) {
  const params = order(sandbox);
  await client.payments.jsapi.prepay(params);
  await sandbox.pay(params.out_trade_no);
  const { notifications } = await sandbox.control('GET', '/sandbox/notifications?wait=true');
  const mine = notifications.filter((one) => one.attempts.length > 0).at(-1);
  const attempt = mine.attempts.at(-1);
  return { headers: attempt.headers, body: Buffer.from(attempt.body), outTradeNo: params.out_trade_no };
}

module.exports = { useSandbox, order, failure, listen, notification };
