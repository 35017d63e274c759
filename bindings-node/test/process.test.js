'use strict';

const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const { test } = require('node:test');
const { promisify } = require('node:util');
const { useSandbox, order } = require('./support/index.js');

const context = useSandbox();
const run = promisify(execFile);

/** Runs a program beside this file; resolves when it has ended by itself. */
async function program(text, { module = false } = {}) {
  const args = module ? ['--input-type=module', '-e', text] : ['-e', text];
  const env = { ...process.env, OPTIONS: JSON.stringify(context.sandbox.clientOptions) };
  // The limit only ends a test that would otherwise hang.
  const { stdout } = await run(process.execPath, args, { cwd: __dirname, env, timeout: 60_000 });
  return stdout.trim();
}

const START = `
  const { Client } = require('wechatpay-rs');
  const client = new Client(JSON.parse(process.env.OPTIONS));
  const query = () => client.payments.queryByOutTradeNo({ out_trade_no: 'NOT-THERE' });
`;

test('a process with an idle client ends', async () => {
  assert.equal(await program(`${START} console.log('end')`), 'end');
});

test('a process ends when its calls have ended, without close', async () => {
  assert.equal(await program(`${START} query().catch((error) => console.log(error.code))`), 'ORDER_NOT_EXIST');
});

test('a process waits for its calls, and not for one that was given up', async () => {
  await context.sandbox.fault({
    match: { operation: 'payments.query_by_out_trade_no', count: null },
    fault: { hold: 'process' },
  });
  const text = `${START}
    client.payments.queryByOutTradeNo({ out_trade_no: 'X' }, { timeout: 50 }).catch((error) => console.log(error.code));`;
  assert.equal(await program(text), 'NO_ANSWER');
  await context.sandbox.control('DELETE', '/sandbox/faults');
  await context.sandbox.control('POST', '/sandbox/release/process');
});

test('process.exit with calls under way ends the process', async () => {
  assert.equal(await program(`${START} query().catch(() => {}); query().catch(() => {}); process.exit(0)`), '');
});

test('classes are the same from ESM and CommonJS', async () => {
  const text = `
    import { createRequire } from 'node:module';
    import { Client, ApiError, WeChatPayError, InvalidRequestError } from 'wechatpay-rs';
    import { fetchHandler } from 'wechatpay-rs/http';
    import { startSandbox } from 'wechatpay-rs/testing';
    import cjs from 'wechatpay-rs';
    const required = createRequire(process.cwd() + '/x.js')('wechatpay-rs');
    const client = new required.Client(JSON.parse(process.env.OPTIONS));
    const error = await client.payments.queryByOutTradeNo({ out_trade_no: 'NOT-THERE' }).catch((error) => error);
    console.log(error instanceof ApiError, error instanceof WeChatPayError, required.Client === Client,
      required.InvalidRequestError === InvalidRequestError, typeof fetchHandler, typeof startSandbox, cjs === undefined);
  `.replace("import cjs from 'wechatpay-rs';", '').replace(', cjs === undefined', '');
  assert.equal(await program(text, { module: true }), 'true true true true function function');
});

test('worker threads each have their own client, and ending them with calls under way harms nobody', async () => {
  const text = `
    const { Worker, isMainThread, parentPort } = require('node:worker_threads');
    const source = ${JSON.stringify(START)} + "const { parentPort } = require('node:worker_threads');" +
      "query().catch((error) => parentPort.postMessage(error.code)); for (let i = 0; i < 16; i++) query().catch(() => {});";
    const one = () => new Promise((resolve, reject) => {
      const worker = new Worker(source, { eval: true });
      worker.once('error', reject);
      worker.once('message', async (code) => { await worker.terminate(); resolve(code); });
    });
    Promise.all(Array.from({ length: 4 }, one)).then((codes) => console.log(codes.join()));
  `;
  assert.equal(await program(text), Array(4).fill('ORDER_NOT_EXIST').join());
});

test('a client that nobody holds any more is collected', async () => {
  const text = `
    const { Client } = require('wechatpay-rs');
    const v8 = require('node:v8');
    v8.setFlagsFromString('--expose-gc');
    const gc = require('node:vm').runInNewContext('gc');
    const options = JSON.parse(process.env.OPTIONS);
    let collected = 0;
    const registry = new FinalizationRegistry(() => { collected += 1; });
    const make = async () => {
      const client = new Client(options);
      registry.register(client);
      await client.payments.queryByOutTradeNo({ out_trade_no: 'NOT-THERE' }).catch(() => {});
    };
    (async () => {
      for (let i = 0; i < 20; i++) await make();
      for (let i = 0; i < 50 && collected < 15; i++) { gc(); await new Promise((resolve) => setImmediate(resolve)); }
      console.log(collected >= 15);
    })();
  `;
  assert.equal(await program(text), 'true');
});

test('without its addon the package says what to do', async () => {
  const text = `
    process.env.WECHATPAY_RS_ADDON = '/nowhere/x.node';
    try { require('wechatpay-rs'); } catch (error) { console.log(error.code, error.message.includes('--include=optional')); }
  `;
  assert.equal(await program(text), 'WECHATPAY_RS_ADDON_MISSING true');
});
