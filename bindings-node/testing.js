'use strict';

const { spawn } = require('node:child_process');
const { mkdtemp, readFile, rm } = require('node:fs/promises');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { createInterface } = require('node:readline');

const READY = 'WECHATPAY_SANDBOX_READY ';

/** A local WeChat Pay for tests: verifies what you send, signs its answers, keeps orders, sends notifications. */
class Sandbox {
  #child;
  #folder;
  #exited;

  constructor(child, folder, exited, credentials) {
    this.#child = child;
    this.#folder = folder;
    this.#exited = exited;
    this.credentials = credentials;
    this.url = credentials.base_url;
  }

  /** Options for `new Client(…)`. */
  get clientOptions() {
    const own = this.credentials;
    return {
      mchid: own.mchid,
      privateKey: own.merchant_private_key,
      merchantSerial: own.merchant_serial_no,
      apiV2Key: own.api_v2_key,
      apiV3Key: own.api_v3_key,
      wechatpayPublicKey: own.wechatpay_public_key,
      wechatpayPublicKeyId: own.wechatpay_public_key_id,
      baseUrl: own.base_url,
    };
  }

  /** Calls the control plane: `control('POST', '/sandbox/pay/ORDER-1')`. */
  async control(method, path, body) {
    const response = await fetch(this.url + path, {
      method,
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`sandbox: ${method} ${path}: ${response.status} ${text}`);
    return text === '' ? null : JSON.parse(text);
  }

  /** Plays the payer: pays the order, upon which the sandbox notifies its `notify_url`. */
  pay(outTradeNo, body) {
    return this.control('POST', `/sandbox/pay/${encodeURIComponent(outTradeNo)}`, body ?? {});
  }

  /** Makes something go wrong; see the sandbox's README for the faults there are. */
  fault(rule) {
    return this.control('POST', '/sandbox/faults', rule);
  }

  async close() {
    this.#child.ref(); // Who waits for the end must see it.
    this.#child.stdin.end();
    this.#child.kill();
    await this.#exited;
    await rm(this.#folder, { recursive: true, force: true });
  }
}

if (Symbol.asyncDispose) Sandbox.prototype[Symbol.asyncDispose] = Sandbox.prototype.close;

/** The program of the package `wechatpay-sandbox`, if that is installed beside this one or in the project. */
function installed() {
  let path;
  try {
    path = require.resolve('wechatpay-sandbox', { paths: [__dirname, process.cwd()] });
  } catch {
    return undefined;
  }
  return require(path).program();
}

/**
 * Starts the program `wechatpay-sandbox` on a free port. It is found by `options.program`, by the environment variable
 * WECHATPAY_SANDBOX, in the package `wechatpay-sandbox`, or on the PATH. It ends with this process, whatever happens.
 */
async function startSandbox(options = {}) {
  const program = options.program ?? process.env.WECHATPAY_SANDBOX ?? installed() ?? 'wechatpay-sandbox';
  const folder = await mkdtemp(join(tmpdir(), 'wechatpay-sandbox-'));
  const args = ['--out', folder, '--port', '0', '--exit-with-parent', '--quiet', ...(options.args ?? [])];
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = new Promise((resolve) => {
    child.once('exit', resolve);
    child.once('error', resolve);
  });
  child.stdin.on('error', () => {});
  try {
    await ready(child, program);
    const credentials = JSON.parse(await readFile(join(folder, 'credentials.json'), 'utf8'));
    // It must not keep a test runner alive that forgot to close it.
    child.unref();
    child.stdout.unref();
    child.stdin.unref();
    return new Sandbox(child, folder, exited, credentials);
  } catch (error) {
    child.kill();
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

function ready(child, program) {
  return new Promise((resolve, reject) => {
    const lines = createInterface({ input: child.stdout });
    lines.on('line', (line) => line.startsWith(READY) && resolve());
    child.once('error', (error) => {
      const hint = error.code === 'ENOENT' ? ' Install it (npm install --save-dev wechatpay-sandbox) or name it in WECHATPAY_SANDBOX.' : '';
      reject(new Error(`${program} could not be started: ${error.message}.${hint}`, { cause: error }));
    });
    child.once('exit', (code) => reject(new Error(`${program} ended (${code}) before it was ready`)));
  });
}

module.exports = { Sandbox, startSandbox };
