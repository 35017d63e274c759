// Compiled, never run: what the compiler must accept, and what it must refuse.
import {
  ApiError,
  Client,
  TimeoutError,
  WeChatPayError,
  answerInfo,
  fen,
  version,
  type BillRow,
  type BillRowsByKind,
  type ClientOptions,
  type Notification,
  type NotificationReply,
  type PreparedRequest,
  type payments,
} from 'wechatpay-rs';
import { express, fastify, fetchHandler, koa, notificationReplies, readNotification } from 'wechatpay-rs/http';
import { startSandbox } from 'wechatpay-rs/testing';
import { expectTypeOf } from 'expect-type';

declare const options: ClientOptions;
const client = new Client(options);

export async function calls() {
  const answer = await client.payments.jsapi.prepay({
    appid: 'wx',
    description: 'tea',
    out_trade_no: 'ORDER-1',
    notify_url: 'https://shop.example/notify',
    amount: { total: 100 },
    payer: { openid: 'o' },
  });
  expectTypeOf(answer).toEqualTypeOf<payments.jsapi.PrepayResponse>();
  expectTypeOf(answer.prepay_id).toEqualTypeOf<string>();

  // @ts-expect-error a field that does not exist
  await client.payments.queryByOutTradeNo({ out_trade_no: 'ORDER-1', outTradeNo: 'ORDER-1' });
  // @ts-expect-error a field that is missing
  await client.payments.queryByOutTradeNo({});
  // @ts-expect-error parameters that are missing
  await client.payments.queryByOutTradeNo();
  // @ts-expect-error an amount as text
  await client.refunds.create({ out_trade_no: 'ORDER-1', out_refund_no: 'R', amount: { refund: '1', total: 1, currency: 'CNY' } });
  // @ts-expect-error an operation that does not exist
  await client.payments.jsapi.prepai({});
  await client.payments.queryByOutTradeNo({ out_trade_no: 'ORDER-1' }, { signal: new AbortController().signal, timeout: 5000 });
  // @ts-expect-error an option that does not exist
  await client.payments.queryByOutTradeNo({ out_trade_no: 'ORDER-1' }, { timeOut: 5000 });

  expectTypeOf(await client.payments.close({ out_trade_no: 'ORDER-1' })).toEqualTypeOf<void>();
}

export async function enums() {
  const order = await client.payments.queryByOutTradeNo({ out_trade_no: 'ORDER-1' });
  // Known values are proposed, unknown ones are accepted.
  const state: payments.TradeState = 'A_STATE_OF_TOMORROW';
  if (order.trade_state === 'SUCCESS' || order.trade_state === state) {
    expectTypeOf(order.amount!.total).toExtend<number | undefined>();
  }
  await client.bills.tradeBill({ bill_date: '2026-08-07', bill_type: 'A_TYPE_OF_TOMORROW', tar_type: 'GZIP' });
  // @ts-expect-error an enum is text
  await client.bills.tradeBill({ bill_date: '2026-08-07', bill_type: 5 });
}

export async function byName() {
  const order = await client.call('payments.query_by_out_trade_no', { out_trade_no: 'ORDER-1' });
  expectTypeOf(order).toEqualTypeOf<payments.Transaction>();
  // @ts-expect-error a field that does not exist
  await client.call('payments.query_by_out_trade_no', { out_trade: 'ORDER-1' });
  expectTypeOf(await client.call('an.operation.of.tomorrow', { any: 'thing' })).toBeAny();
  expectTypeOf(await client.request('GET', '/v3/certificates')).toBeAny();

  const request = await client.prepare('payments.query_by_out_trade_no', { out_trade_no: 'ORDER-1' });
  expectTypeOf(request).toEqualTypeOf<PreparedRequest>();
  const response = await fetch(request.url, request);
  expectTypeOf(await client.finish('payments.query_by_out_trade_no', response)).toEqualTypeOf<payments.Transaction>();
  expectTypeOf(answerInfo(order)!.requestId).toEqualTypeOf<string | undefined>();
  expectTypeOf(client.withOptions({ timeout: 1000, retries: 0 })).toEqualTypeOf<Client>();
  expectTypeOf(client.forSubMerchant('1900000109')).toEqualTypeOf<Client>();
  // @ts-expect-error no such option
  client.withOptions({ timeuot: 1 });
}

export function notifications(notice: Notification) {
  if (notice.type === 'payments.transaction') {
    expectTypeOf(notice.resource).toEqualTypeOf<payments.Transaction>();
  } else if (notice.type === null) {
    expectTypeOf(notice.resource).toEqualTypeOf<{ [field: string]: unknown }>();
  }
  // @ts-expect-error a parsed body
  void client.notifications.parse({}, { id: 'EV' });
  // @ts-expect-error a text
  void client.notifications.parse({}, '{}');
  void client.notifications.parse(new Headers(), Buffer.alloc(0));
  expectTypeOf(readNotification).returns.resolves.toEqualTypeOf<Notification>();
  express(client, async (notification) => expectTypeOf(notification).toEqualTypeOf<Notification>());
  koa(client, () => {});
  expectTypeOf(notificationReplies.accepted).toEqualTypeOf<NotificationReply>();
  fastify(client, '/notify', () => {});
  expectTypeOf(fetchHandler(client, () => {})).toEqualTypeOf<(request: Request) => Promise<Response>>();
}

export async function errors() {
  try {
    await calls();
  } catch (error) {
    if (error instanceof ApiError) {
      expectTypeOf(error.kind).toEqualTypeOf<'api'>();
      expectTypeOf(error.requestId).toEqualTypeOf<string | undefined>();
      if (error.code === 'ORDER_NOT_EXIST') return;
    } else if (error instanceof TimeoutError && error.outcomeUnknown) {
      return;
    }
    if (error instanceof WeChatPayError && error.kind === 'config') return;
    if (error instanceof WeChatPayError) expectTypeOf(error.notificationReply).toEqualTypeOf<NotificationReply | undefined>();
    // @ts-expect-error a kind that does not exist: the list is closed
    if (error instanceof WeChatPayError && error.kind === 'bad_luck') return;
    throw error;
  }
}

export async function files() {
  const bill = await client.bills.tradeBill({ bill_date: '2026-08-07' });
  const done = await client.download(bill, '/tmp/bill.csv', { onProgress: ({ received }) => void received });
  expectTypeOf(done.verified).toEqualTypeOf<boolean>();
  await client.download('https://api.mch.weixin.qq.com/v3/x', '/tmp/bill.csv', { sha1: 'x' });
  // @ts-expect-error not an answer that announces a file
  await client.download({ code_url: 'x' }, '/tmp/bill.csv');
  for await (const row of client.billRows(bill)) expectTypeOf(row).toEqualTypeOf<{ [column: string]: string }>();
  for await (const row of client.billRows(bill, { kind: 'trade' })) {
    expectTypeOf(row.out_trade_no).toEqualTypeOf<string | null>();
    expectTypeOf(row.total).toEqualTypeOf<number | null>();
  }
  for await (const row of client.billRows('/tmp/bill.csv', { kind: 'fund_flow' })) {
    expectTypeOf(row.amount).toEqualTypeOf<number | null>();
  }
  for await (const row of client.billRows(bill, { kind: 'profit_sharing' })) {
    expectTypeOf(row).toEqualTypeOf<BillRowsByKind['profit_sharing']>();
  }
  // @ts-expect-error a kind that does not exist
  client.billRows(bill, { kind: 'fundflow' });
  for await (const row of client.billRows(bill, { totals: false })) expectTypeOf(row).toEqualTypeOf<BillRow>();
  expectTypeOf(fen('12.30')).toEqualTypeOf<number>();
  await client.media.uploadImage('/tmp/a.png');
  await client.media.uploadImage(new Blob([]), { fileName: 'a.png' });
  const fields = { sub_mchid: '1', file_type: 'PDF' };
  expectTypeOf(await client.fapiao.applications.uploadFile(fields, '/tmp/a.pdf')).toHaveProperty('fapiao_media_id');
  // @ts-expect-error what goes with the file is missing
  await client.fapiao.applications.uploadFile('/tmp/a.pdf');
  const statement = await client.global.bills.downloadStatement({ date: '20260808' }, '/tmp/a.csv', { onProgress: () => {} });
  expectTypeOf(statement).toEqualTypeOf<typeof done>();
  // @ts-expect-error where it goes is missing
  await client.global.bills.downloadStatement({ date: '20260808' });
  expectTypeOf(await client.devices.speakers.query({ device_sn: '1' })).toEqualTypeOf<unknown>();
  expectTypeOf(await client.callForFile('global.bills.download_statement', null, '/tmp/a.csv')).toEqualTypeOf<typeof done>();
  await client.upload('fapiao.applications.upload_file', '/tmp/a.pdf', { params: fields });
  // @ts-expect-error neither path nor bytes
  await client.media.uploadImage(5);
  // @ts-expect-error an option that does not exist
  new Client({ mchid: '1', privatekey: 'x' });
  new Client({ mchid: '1', signer: async (message: Buffer) => message });
  new Client({ mchid: '1', signer: { signDigest: (digest) => digest, decrypt: async (ciphertext) => ciphertext } });
  // @ts-expect-error what only decrypts signs nothing
  new Client({ mchid: '1', signer: { decrypt: async (ciphertext: Buffer) => ciphertext } });
  // @ts-expect-error a signature is bytes
  new Client({ mchid: '1', signer: () => 'text' });
  const sandbox = await startSandbox();
  expectTypeOf(sandbox.clientOptions).toEqualTypeOf<ClientOptions>();
  expectTypeOf(version).toEqualTypeOf<string>();
}
