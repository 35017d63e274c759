'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, test } = require('node:test');
const { Readable, Writable } = require('node:stream');
const { Client, IntegrityError, InvalidRequestError, IoError, MalformedError, TimeoutError, fen } = require('wechatpay-rs');
const { useSandbox, failure } = require('./support/index.js');

const context = useSandbox();
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wechatpay-test-'));
after(() => fs.rmSync(folder, { recursive: true }));
// A temporary folder of our own: what is in it is ours.
process.env.TMPDIR = path.join(folder, 'tmp');
fs.mkdirSync(process.env.TMPDIR);

const DAY = '2026-11-01';

async function bill(rows = 1000, tar_type = 'GZIP') {
  await context.sandbox.control('POST', '/sandbox/bills', { bill_date: DAY, rows });
  return context.client.bills.tradeBill({ bill_date: DAY, tar_type });
}

const leftovers = () => fs.readdirSync(os.tmpdir()).filter((name) => !name.startsWith('wechatpay-sandbox-'));

test('a bill goes to a path, with progress, and its hash is checked', async () => {
  const file = path.join(folder, 'bill.csv');
  const seen = [];
  const done = await context.client.download(await bill(), file, { onProgress: (progress) => seen.push(progress) });
  assert.equal(done.verified, true);
  assert.equal(done.bytes, fs.statSync(file).size);
  assert.ok(seen.length > 0);
  assert.ok(seen.every(({ received }, index) => index === 0 || received >= seen[index - 1].received));
  assert.deepEqual(fs.readdirSync(folder).sort(), ['bill.csv', 'tmp']);
});

test('a bill with another hash is not kept', async () => {
  const file = path.join(folder, 'wrong.csv');
  const wrong = { ...(await bill()), hash_value: '0'.repeat(40) };
  const error = await failure(context.client.download(wrong, file));
  assert.ok(error instanceof IntegrityError, String(error));
  assert.equal(fs.existsSync(file), false);
  const chunks = [];
  const sink = new Writable({ write: (chunk, _encoding, done) => (chunks.push(chunk), done()) });
  assert.ok((await failure(context.client.download(wrong, sink))) instanceof IntegrityError);
  assert.deepEqual(chunks, [], 'a stream sees no byte of it');
});

test('a bill goes to a slow stream', async () => {
  let size = 0;
  const slow = new Writable({
    highWaterMark: 1,
    write(chunk, _encoding, done) {
      size += chunk.length;
      setImmediate(done);
    },
  });
  const done = await context.client.download(await bill(), slow);
  assert.equal(size, done.bytes);
  assert.deepEqual(leftovers(), []);
});

test('rows come one by one, then the totals, and leaving early leaves nothing behind', async () => {
  let summary;
  const rows = [];
  for await (const row of context.client.billRows(await bill(), { onSummary: (totals) => (summary = totals) })) {
    rows.push(row);
  }
  assert.equal(rows.length, 1000);
  assert.ok(rows[0]['商户订单号']);
  assert.equal(summary['总交易单数'], '1000');
  for await (const row of context.client.billRows(await bill())) {
    assert.ok(row);
    break;
  }
  assert.deepEqual(leftovers(), []);
});

test('rows of a file on disk, and what is wrong with one', async () => {
  const file = path.join(folder, 'own.csv');
  fs.writeFileSync(file, '甲,乙\n`1,`2\n`3\n`4,`5\n总交易单数,订单总金额\n`2,`0.03\n');
  const seen = [];
  const error = await failure(
    (async () => {
      for await (const row of context.client.billRows(file)) seen.push(row);
    })(),
  );
  assert.deepEqual(seen, [{ 甲: '1', 乙: '2' }]);
  assert.ok(error instanceof MalformedError);
  assert.equal(error.code, 'BILL_ROW');
  const missing = context.client.billRows(path.join(folder, 'none.csv'));
  assert.ok((await failure(missing.next())) instanceof IoError);
});

test('a stream that takes nothing holds up no download for longer than the caller waits', async () => {
  const announced = await bill();
  const controller = new AbortController();
  const stuck = new Writable({ write: () => controller.abort() });
  const error = await failure(context.client.download(announced, stuck, { signal: controller.signal }));
  assert.ok(error instanceof TimeoutError, String(error));
  assert.equal(error.code, 'ABORTED');
  assert.equal(error.outcomeUnknown, false);
  assert.ok(stuck.destroyed);
  const late = await failure(context.client.download(announced, new Writable({ write() {} }), { timeout: 500 }));
  assert.equal(late.code, 'NO_ANSWER');
  const web = new WritableStream({ write: () => new Promise(() => {}) });
  assert.equal((await failure(context.client.download(announced, web, { timeout: 500 }))).code, 'NO_ANSWER');
  assert.deepEqual(leftovers(), []);
});

test('a download that is given up in the middle leaves no bill behind', async () => {
  const { sandbox } = context;
  const announced = await bill(20_000, undefined);
  const middle = { match: { path: new URL(announced.download_url).pathname, count: null }, fault: { hold: 'middle', hold_at: 'body' } };
  await sandbox.fault(middle);
  const ways = [
    (client, options) => client.download(announced, new Writable({ write() {} }), options),
    (client, options) => client.billRows(announced, options).next(),
    (client, options) => client.download(announced, path.join(folder, 'given-up.csv'), options),
  ];
  for (const way of ways) {
    const client = new Client(sandbox.clientOptions);
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    const error = await failure(way(client, { signal: controller.signal, onProgress }));
    assert.ok(error instanceof TimeoutError, String(error));
    assert.equal(error.code, 'ABORTED');
    // The server still holds the other half.
    await client.close();
    assert.deepEqual(leftovers(), []);
    assert.deepEqual(fs.readdirSync(folder).filter((name) => name.includes('given-up')), []);
  }
  await sandbox.control('DELETE', '/sandbox/faults');
  await sandbox.control('POST', '/sandbox/release/middle');
});

test('what a progress callback throws is what the download rejects with', async () => {
  const own = new Error('mine');
  const onProgress = () => {
    throw own;
  };
  assert.equal(await failure(context.client.download(await bill(), path.join(folder, 'throws.csv'), { onProgress })), own);
});

test('what a callback for the totals throws ends the loop, and nothing is left behind', async () => {
  const own = new Error('mine');
  const onSummary = () => {
    throw own;
  };
  const rows = context.client.billRows(await bill(), { onSummary });
  const read = async () => {
    for await (const row of rows) assert.ok(row);
  };
  assert.equal(await failure(read()), own);
  assert.deepEqual(leftovers(), []);
});

const TRADE = `交易时间,微信订单号,商户订单号,交易状态,应结订单金额,订单金额
\`2026-08-08 10:34:56,\`42,\`T1,\`SUCCESS,\`12.30,\`12.30
\`2026-08-08 10:34:57,\`43,\`T2,\`SUCCESS,\`0.01,\`0.01
总交易单数,应结订单总金额,订单总金额
\`2,\`12.31,\`12.31
`;

async function read(content, options) {
  const file = path.join(folder, 'read.csv');
  fs.writeFileSync(file, content);
  const rows = [];
  const error = await (async () => {
    for await (const row of context.client.billRows(file, options)) rows.push(row);
  })().catch((error) => error);
  return { rows, error };
}

test('a trade bill has English names and amounts in fen', async () => {
  const { rows, error } = await read(TRADE, { kind: 'trade' });
  assert.equal(error, undefined);
  assert.deepEqual(
    rows.map(({ out_trade_no, total, refund_id }) => ({ out_trade_no, total, refund_id })),
    [
      { out_trade_no: 'T1', total: 1230, refund_id: null },
      { out_trade_no: 'T2', total: 1, refund_id: null },
    ],
  );
});

test('a bill that is none, is another, was cut or does not add up is no bill', async () => {
  const cut = TRADE.slice(0, TRADE.indexOf('总交易单数'));
  for (const [content, options, code, rows] of [
    ['', {}, 'BILL_EMPTY', 0],
    ['<html>502, bad gateway</html>', { kind: 'trade' }, 'BILL_HEADER', 0],
    ['{"code":"NO_STATEMENT_EXIST","message":"x"}', {}, 'BILL_HEADER', 0],
    [TRADE, { kind: 'fund_flow' }, 'BILL_COLUMNS', 0],
    [cut, {}, 'BILL_CUT', 2],
    [cut, { kind: 'trade' }, 'BILL_CUT', 2],
    [TRADE.replace('`2,', '`3,'), { kind: 'trade' }, 'BILL_TOTALS', 2],
  ]) {
    const outcome = await read(content, options);
    assert.ok(outcome.error instanceof MalformedError, String(outcome.error));
    assert.deepEqual([outcome.error.code, outcome.rows.length], [code, rows]);
  }
  assert.equal((await read(cut, { totals: false })).error, undefined);
  for (const options of [{ kind: 'profit' }, { totals: 1 }, { kind: 'trade', totals: false }]) {
    assert.ok((await read(TRADE, options)).error instanceof InvalidRequestError);
  }
});

test('a file is downloaded by the answer that announces it, or by URL and hash', async () => {
  const announced = await bill(10);
  const file = path.join(folder, 'announced.csv');
  assert.equal((await context.client.download(announced, file)).verified, true);
  const { download_url: url, hash_value: sha1 } = announced;
  assert.equal((await context.client.download(url, file, { sha1 })).verified, true);
  assert.equal((await context.client.download(url, file)).verified, false);
  const error = await failure(context.client.download({ ...announced, hash_type: 'SHA256' }, file));
  assert.deepEqual([error.code, error instanceof MalformedError], ['HASH_TYPE', true]);
  assert.match((await failure(context.client.download(announced, file, { sha1 }))).message, /brings its own hash/);
});

test('yuan become fen without a float in between', () => {
  assert.deepEqual(['12.30', '-0.01', '0.07000', '5', '90071992547409.91'].map(fen), [1230, -1, 7, 500, 2 ** 53 - 1]);
  for (const wrong of ['1e2', '12.', '.5', '', ' 1', '0.015']) assert.throws(() => fen(wrong), MalformedError);
  for (const wrong of [12.3, undefined, '90071992547409.92']) assert.throws(() => fen(wrong), InvalidRequestError);
});

test('what cannot be a source or destination is named', async () => {
  const { client } = context;
  for (const [source, destination, message] of [
    [undefined, 'x', /source must be/],
    [{}, 'x', /no download_url/],
    [{ download_url: 'x' }, 'x', /no hash_type/],
    [{ download_url: 'x', hash_type: 'MD5', hash_value: 'x' }, 'x', /of type "MD5"/],
    [{ download_url: 'x', hash_type: 'SHA1', hash_value: 5 }, 'x', /no hash_type with hash_value/],
    [[], 'x', /source must be an answer/],
    ['https://x', 5, /destination must be a path or a Writable/],
  ]) {
    assert.match((await failure(client.download(source, destination))).message, message);
  }
});

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

test('a file is uploaded from a path, bytes, a Blob, a File and a stream', async () => {
  const { client } = context;
  const file = path.join(folder, '图.png');
  fs.writeFileSync(file, PNG);
  const sources = [
    [file],
    [require('node:url').pathToFileURL(file)],
    [PNG, { fileName: 'a.png' }],
    [new Uint8Array(PNG).buffer, { fileName: 'a.png' }],
    [new Blob([PNG]), { fileName: 'a.png' }],
    [Readable.from([PNG.subarray(0, 3), PNG.subarray(3)]), { fileName: 'a.png' }],
    [fs.createReadStream(file)],
  ];
  for (const [source, options] of sources) {
    const { media_id } = await client.media.uploadImage(source, options);
    assert.ok(media_id);
  }
  const { uploads } = await context.sandbox.control('GET', '/sandbox/media');
  assert.equal(uploads.length, sources.length);
});

test('what cannot be uploaded is told before anything is sent', async () => {
  const { client } = context;
  const detached = new Uint8Array(8);
  structuredClone(detached, { transfer: [detached.buffer] });
  async function* endless() {
    for (;;) yield Buffer.alloc(1 << 20);
  }
  for (const [source, options, Class, message] of [
    [PNG, undefined, InvalidRequestError, /options\.fileName is missing/],
    [detached, { fileName: 'a.png' }, InvalidRequestError, /file is over an ArrayBuffer that was transferred away/],
    [endless(), { fileName: 'a.png' }, InvalidRequestError, /more than 2097152 bytes/],
    [42, undefined, InvalidRequestError, /file must be a path, Buffer, Blob or stream, not a number/],
    [PNG, { fileName: 'a.exe' }, InvalidRequestError, /exe/],
    [path.join(folder, 'none.png'), undefined, IoError, /none\.png/],
  ]) {
    const error = await failure(client.media.uploadImage(source, options));
    assert.ok(error instanceof Class, String(error));
    assert.match(error.message, message);
  }
});

test('an operation answers with a file, to a path and into a stream', async () => {
  const { client, sandbox } = context;
  const { bills } = client.global;
  const file = path.join(folder, 'statement.csv');
  const seen = [];
  const done = await bills.downloadStatement({ date: '20260808' }, file, { onProgress: (progress) => seen.push(progress) });
  assert.equal(done.verified, true);
  assert.deepEqual([done.bytes, seen.at(-1).received], [fs.statSync(file).size, fs.statSync(file).size]);
  const chunks = [];
  const sink = () => new Writable({ write: (chunk, _encoding, written) => (chunks.push(chunk), written()) });
  const image = await client.complaints.images.download({ media_id: 'a' }, sink());
  assert.deepEqual([image.verified, image.bytes], [false, Buffer.concat(chunks).length]);
  fs.rmSync(file);
  const rule = { match: { operation: 'global.bills.download_statement' }, fault: { alter_body: true } };
  await sandbox.control('POST', '/sandbox/faults', rule);
  const error = await failure(bills.downloadStatement({ date: '20260808' }, file));
  assert.ok(error instanceof IntegrityError, String(error));
  assert.equal(error.operation, 'global.bills.download_statement');
  assert.equal(fs.existsSync(file), false);
  assert.deepEqual(leftovers(), []);
  for (const [params, destination, message] of [
    [{}, file, /date/],
    ['20260808', file, /params must be an object/],
    [{ date: '20260808' }, undefined, /destination must be a path or a Writable/],
  ]) {
    const wrong = await failure(bills.downloadStatement(params, destination));
    assert.ok(wrong instanceof InvalidRequestError, String(wrong));
    assert.match(wrong.message, message);
  }
});

test('a file that an operation answers with is given up for good', async () => {
  const { client, sandbox } = context;
  const rule = { match: { operation: 'global.bills.download_statement' }, fault: { hold: 'statement' } };
  await sandbox.control('POST', '/sandbox/faults', rule);
  const file = path.join(folder, 'given-up.csv');
  const error = await failure(client.global.bills.downloadStatement({ date: '20260808' }, file, { timeout: 50 }));
  assert.ok(error instanceof TimeoutError, String(error));
  assert.deepEqual([error.operation, error.outcomeUnknown], ['global.bills.download_statement', false]);
  await sandbox.control('POST', '/sandbox/release/statement');
  assert.equal(fs.existsSync(file), false);
});

test('an upload says what goes with the file, and an undocumented answer comes as it is', async () => {
  const { client, sandbox } = context;
  const { applications } = client.fapiao;
  const { speakers } = client.devices;
  const params = { sub_mchid: '1900000109', file_type: 'PDF' };
  assert.ok((await applications.uploadFile(params, Buffer.from('%PDF-'), { fileName: 'a.pdf' })).fapiao_media_id);
  const error = await failure(applications.uploadFile({ sub_mchid: '1' }, Buffer.from('%PDF-'), { fileName: 'a.pdf' }));
  assert.ok(error instanceof InvalidRequestError, String(error));
  assert.match(error.message, /file_type/);
  assert.deepEqual(await speakers.query({ device_sn: '7522164923628376' }), {});
  const rule = { match: { operation: 'devices.speakers.query' }, fault: { status: 204 } };
  await sandbox.control('POST', '/sandbox/faults', rule);
  assert.equal(await speakers.query({ device_sn: '7522164923628376' }), null);
});
