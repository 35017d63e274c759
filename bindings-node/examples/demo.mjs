// The main job, step by step: `node demo.mjs FOLDER`, where FOLDER holds the credentials.json of a sandbox.
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiError, Client } from 'wechatpay-rs';
import { express as wechatpayNotification } from 'wechatpay-rs/http';

const folder = process.argv[2];
const own = JSON.parse(await readFile(join(folder, 'credentials.json'), 'utf8'));
const step = (text) => console.log(`\n* ${text}`);
const control = async (method, path, body) => {
  const response = await fetch(own.base_url + path, { method, body: body && JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
};

const client = new Client({
  mchid: own.mchid,
  privateKeyPath: join(folder, 'apiclient_key.pem'),
  merchantSerial: own.merchant_serial_no,
  apiV3Key: own.api_v3_key,
  wechatpayPublicKeyPath: join(folder, 'wechatpay_public_key.pem'),
  wechatpayPublicKeyId: own.wechatpay_public_key_id,
  baseUrl: own.base_url,
});

step('a server for notifications, on this machine');
const paid = {};
paid.promise = new Promise((resolve) => (paid.resolve = resolve));
const server = createServer(
  wechatpayNotification(client, (notification) => {
    // What is not understood is not acknowledged.
    if (notification.type !== 'payments.transaction') throw new Error(`not understood: ${notification.event_type}`);
    paid.resolve(notification);
  }),
);
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const notify_url = `http://127.0.0.1:${server.address().port}/wechatpay/notify`;
console.log(`  ${notify_url}`);

step('an order of 1.00 yuan');
const out_trade_no = `DEMO-${Date.now()}`;
const { prepay_id } = await client.payments.jsapi.prepay({
  appid: own.appid,
  description: '茶 tea',
  out_trade_no,
  notify_url,
  amount: { total: 100, currency: 'CNY' },
  payer: { openid: own.openid },
});
console.log(`  ${out_trade_no}: ${prepay_id}`);

step('what the mini-program needs to open the cashier');
console.log(' ', await client.jsapiPayment({ appid: own.appid, prepayId: prepay_id }));

step('the payer pays; WeChat Pay notifies us');
await control('POST', `/sandbox/pay/${out_trade_no}`, {});
const notification = await paid.promise;
console.log(`  ${notification.event_type}, verified with ${notification.serial}`);
console.log(`  ${notification.resource.trade_state}: ${notification.resource.amount.total} fen`);

step('the order, looked up');
const order = await client.payments.queryByOutTradeNo({ out_trade_no });
console.log(`  ${order.trade_state}, transaction ${order.transaction_id}`);

step('0.40 yuan go back');
const refund = await client.refunds.create({
  out_trade_no,
  out_refund_no: `${out_trade_no}-R`,
  amount: { refund: 40, total: 100, currency: 'CNY' },
});
console.log(`  ${refund.refund_id}: ${refund.status}`);

step("a day's bill, row by row");
const bill_date = '2026-11-01';
await control('POST', '/sandbox/bills', { bill_date, rows: 1000 });
const bill = await client.bills.tradeBill({ bill_date, tar_type: 'GZIP' });
let rows = 0;
let summary;
for await (const row of client.billRows(bill, { onSummary: (totals) => (summary = totals) })) {
  rows += 1;
  if (rows === 1) console.log('  first row:', row);
}
console.log(`  ${rows} rows; totals:`, summary);
const target = await mkdtemp(join(tmpdir(), 'wechatpay-demo-'));
console.log('  to a file:', await client.download(await client.bills.tradeBill({ bill_date }), join(target, 'bill.csv')));
await rm(target, { recursive: true });

step('what an error looks like');
try {
  await client.payments.queryByOutTradeNo({ out_trade_no: 'NOT-THERE' });
} catch (error) {
  if (!(error instanceof ApiError)) throw error;
  console.log(`  ${error.message}`);
  console.log(' ', JSON.stringify(error));
}

server.close();
await client.close();
console.log('\nDone: order, notification, query, refund and bill, every answer verified.');
