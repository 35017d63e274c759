'use strict';

const assert = require('node:assert/strict');
const { mkdtempSync, readFileSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { Client, ConfigError } = require('wechatpay-rs');
const { useSandbox } = require('./support/index.js');

const context = useSandbox();
const p12 = path.join(process.env.WECHATPAY_TESTS, '../core/tests/keys/merchant-modern.p12');

/** What a deployment would set. */
function environment() {
  const own = context.sandbox.credentials;
  return {
    WECHATPAY_MCHID: own.mchid,
    WECHATPAY_PRIVATE_KEY: own.merchant_private_key.replaceAll('\n', '\\n'),
    WECHATPAY_MERCHANT_SERIAL: own.merchant_serial_no,
    WECHATPAY_WECHATPAY_PUBLIC_KEY: Buffer.from(own.wechatpay_public_key).toString('base64'),
    WECHATPAY_WECHATPAY_PUBLIC_KEY_ID: own.wechatpay_public_key_id,
    WECHATPAY_BASE_URL: context.sandbox.url,
    WECHATPAY_NO_PROXY: 'true',
    WECHATPAY_TIMEOUT: '12.5',
    WECHATPAY_APPID: 'the application reads this one',
    WECHATPAY_PROXY: undefined,
  };
}

/** The error that making a client throws. */
function refused(make) {
  try {
    make().close();
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.message;
  }
  throw new assert.AssertionError({ message: 'the client was made' });
}

test('a client is made from the environment', async () => {
  const client = Client.fromEnv({}, environment());
  assert.deepEqual(await client.security.echo({ echo_message: 'hello' }), { echo_message: 'hello' });
  await client.close();
});

test('names that are nearly right are refused with the right one, and options go before variables', async () => {
  const { WECHATPAY_WECHATPAY_PUBLIC_KEY_ID: id, ...others } = environment();
  const wrong = { ...others, WECHATPAY_PUBLIC_KEY_ID: id };
  assert.match(refused(() => Client.fromEnv({}, wrong)), /WECHATPAY_PUBLIC_KEY_ID is not read.*is called WECHATPAY_WECHATPAY_PUBLIC_KEY_ID/);
  const client = Client.fromEnv({ wechatpayPublicKeyId: id, timeout: 5000 }, wrong);
  await client.security.echo({ echo_message: 'hello' });
  await client.close();
  assert.match(refused(() => Client.fromEnv({}, { ...environment(), WECHATPAY_TIMEOUT: 'soon' })), /WECHATPAY_TIMEOUT is "soon"/);
  assert.match(refused(() => Client.fromEnv({}, {})), /WECHATPAY_MCHID is not set/);
});

test('keys in files and in PKCS#12 are read, and errors name the option', async () => {
  const { WECHATPAY_PRIVATE_KEY: escaped, ...others } = environment();
  const folder = mkdtempSync(path.join(tmpdir(), 'wechatpay-'));
  const file = path.join(folder, 'both.pem');
  writeFileSync(file, context.sandbox.credentials.merchant_certificate + escaped.replaceAll('\\n', '\r\n'));
  const client = Client.fromEnv({}, { ...others, WECHATPAY_PRIVATE_KEY_PATH: file });
  await client.security.echo({ echo_message: 'hello' });
  await client.close();
  const base64 = readFileSync(p12).toString('base64');
  for (const more of [{ WECHATPAY_PRIVATE_KEY_P12_PATH: p12 }, { WECHATPAY_PRIVATE_KEY_P12_BASE64: base64 }]) {
    await Client.fromEnv({ privateKeyPassword: '1900000001' }, { ...others, ...more }).close();
    assert.match(refused(() => Client.fromEnv({ privateKeyPassword: 'wrong' }, { ...others, ...more })), /unless privateKeyPassword says otherwise/);
  }
  for (const more of [{ privateKey: readFileSync(p12) }, { privateKeyPath: p12 }]) {
    assert.match(refused(() => Client.fromEnv(more, others)), /PKCS#12 file \(\.p12\)\. Load it with privateKeyP12 or privateKeyP12Path/);
  }
});

test('a private key loads as it was read from a file, whatever wrote it', async () => {
  const { WECHATPAY_PRIVATE_KEY: escaped, ...others } = environment();
  const pem = escaped.replaceAll('\\n', '\n');
  for (const privateKey of [
    Buffer.from(`\ufeff${pem}`, 'utf16le'),
    Buffer.from(Buffer.from(pem).toString('base64')),
    pem.replaceAll('-', '\u2013').replaceAll(' ', '\u00a0'),
    pem.split('-----END')[0],
  ]) {
    const client = Client.fromEnv({ privateKey }, others);
    await client.security.echo({ echo_message: 'hello' });
    await client.close();
  }
});
