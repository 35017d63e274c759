// A shop's own tests against the sandbox, with vitest: `WECHATPAY_SANDBOX=/path/to/wechatpay-sandbox npx vitest run`.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApiError, Client } from 'wechatpay-rs';
import { startSandbox } from 'wechatpay-rs/testing';

let sandbox;
let client;

beforeAll(async () => {
  sandbox = await startSandbox();
  client = new Client(sandbox.clientOptions);
});

afterAll(async () => {
  await client.close();
  await sandbox.close();
});

test('a customer pays and gets the money back', async () => {
  const { appid, openid } = sandbox.credentials;
  const out_trade_no = 'SHOP-1';
  await client.payments.jsapi.prepay({
    appid,
    description: 'tea',
    out_trade_no,
    notify_url: 'http://127.0.0.1:1/notify',
    amount: { total: 100 },
    payer: { openid },
  });
  await sandbox.pay(out_trade_no);
  expect((await client.payments.queryByOutTradeNo({ out_trade_no })).trade_state).toBe('SUCCESS');
  const amount = { refund: 100, total: 100, currency: 'CNY' };
  const refund = await client.refunds.create({ out_trade_no, out_refund_no: 'SHOP-1-R', amount });
  expect(refund.amount.refund).toBe(100);
});

test('what the shop does when WeChat Pay is out of order', async () => {
  await sandbox.fault({
    match: { operation: 'payments.native.prepay' },
    fault: { status: 400, code: 'PARAM_ERROR', message: '参数错误' },
  });
  const order = { appid: 'wx', description: 'tea', out_trade_no: 'SHOP-2', notify_url: 'http://127.0.0.1:1/n', amount: { total: 1 } };
  await expect(client.payments.native.prepay(order)).rejects.toThrow(ApiError);
});
