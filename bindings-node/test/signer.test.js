'use strict';

// A signer of one's own: the key is where this process cannot see it, here in the `openssl` command, as with a KMS or an HSM.
const assert = require('node:assert/strict');
const { execFile, execFileSync } = require('node:child_process');
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { test } = require('node:test');
const { Client, ConfigError, SigningError, WeChatPayError } = require('wechatpay-rs');
const { useSandbox, order, failure } = require('./support/index.js');

const context = useSandbox();

function openssl(args, input) {
  return new Promise((resolve, reject) => {
    const child = execFile('openssl', args, { encoding: 'buffer' }, (error, out) => (error ? reject(error) : resolve(out)));
    child.stdin.end(input);
  });
}

const key = () => join(context.sandbox.credentials.folder, 'apiclient_key.pem');
const vault = {
  sign: (message) => openssl(['dgst', '-sha256', '-sign', key()], message),
  decrypt: (ciphertext) => openssl(['pkeyutl', '-decrypt', '-inkey', key(), '-pkeyopt', 'rsa_padding_mode:oaep'], ciphertext),
};

function withSigner(signer, more = {}) {
  const { privateKey, privateKeyPath, ...options } = context.sandbox.clientOptions;
  return new Client({ ...options, ...more, signer });
}

const place = (client, params = order(context.sandbox, { payer: null })) => client.payments.native.prepay(params);
const received = async () => (await context.sandbox.control('GET', '/sandbox/requests')).requests.length;

test('a signer signs and decrypts, for calls, payment parameters and answers of another HTTP client', async () => {
  const client = withSigner(vault);
  assert.ok((await place(client)).code_url);
  const echo = { echo_message: 'a', encrypted_echo_message: '张三' };
  assert.equal((await client.security.echo(echo)).encrypted_echo_message, '张三');
  const payment = await client.jsapiPayment({ appid: context.sandbox.credentials.appid, prepayId: 'wx201410272009395522657a690389285100' });
  assert.equal(payment.paySign.length, 344);
  // Reading an answer on the event loop would wait for the event loop.
  const request = await client.prepare('security.echo', echo);
  const answer = await fetch(request.url, { method: request.method, headers: request.headers, body: request.body });
  const body = Buffer.from(await answer.arrayBuffer());
  const finished = await client.finish('security.echo', { status: answer.status, headers: answer.headers, body });
  assert.equal(finished.encrypted_echo_message, '张三');
});

test('digests are signed, functions are signers, and many calls at once ask many times', async () => {
  const digests = { signDigest: (digest) => openssl(['pkeyutl', '-sign', '-inkey', key(), '-pkeyopt', 'digest:sha256'], digest) };
  for (const signer of [digests, vault.sign]) {
    const client = withSigner(signer);
    const orders = await Promise.all(Array.from({ length: 8 }, () => place(client, order(context.sandbox, { payer: null }))));
    assert.equal(orders.filter(({ code_url }) => code_url).length, 8);
  }
  // Without a Promise, too.
  const { createSign } = require('node:crypto');
  const pem = require('node:fs').readFileSync(key());
  assert.ok((await place(withSigner((message) => createSign('sha256').update(message).sign(pem)))).code_url);
});

test('what a signer throws is the cause, and nothing was sent', async () => {
  const before = await received();
  const closed = new RangeError('the vault is closed');
  for (const signer of [() => { throw closed; }, async () => { throw closed; }]) {
    const error = await failure(place(withSigner(signer)));
    assert.ok(error instanceof SigningError);
    assert.equal(error.cause, closed);
    assert.equal(error.outcomeUnknown, false);
  }
  const wrong = await failure(place(withSigner(() => 'text')));
  assert.ok(wrong instanceof SigningError && wrong.cause instanceof TypeError, String(wrong));
  assert.equal(await received(), before);
});

test('a signer that fails after an answer was lost leaves the outcome unknown', async () => {
  let signed = 0;
  const client = withSigner((message) => {
    signed += 1;
    if (signed > 1) throw new Error('no way to the vault');
    return vault.sign(message);
  });
  await context.sandbox.fault({ match: { operation: 'payments.native.prepay' }, fault: { close: 'before_answer' } });
  const error = await failure(place(client));
  assert.ok(error instanceof WeChatPayError);
  assert.equal(error.outcomeUnknown, true);
});

test('another key than that of the certificate is found before anything is sent', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wechatpay-signer-'));
  try {
    const stranger = join(folder, 'stranger.pem');
    execFileSync('openssl', ['genpkey', '-algorithm', 'RSA', '-out', stranger], { stdio: 'ignore' });
    const before = await received();
    const { merchantSerial, ...options } = context.sandbox.clientOptions;
    delete options.privateKey;
    delete options.privateKeyPath;
    const sign = (message) => openssl(['dgst', '-sha256', '-sign', stranger], message);
    const client = new Client({ ...options, signer: sign, merchantCertificatePath: join(context.sandbox.credentials.folder, 'apiclient_cert.pem') });
    const error = await failure(place(client));
    assert.ok(error instanceof SigningError);
    assert.match(error.message, /another key than that of the merchant certificate/);
    assert.equal(await received(), before);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('what is no signer is refused when the client is made', () => {
  for (const [signer, says] of [
    [{}, /signer must be a function, or have a method sign or signDigest/],
    [{ sign: 5 }, /signer\.sign must be a function, not/],
    ['vault', /signer must be an object or a function/],
    [null, /options\.signer is null/],
  ]) {
    assert.throws(() => withSigner(signer), (error) => error instanceof ConfigError && says.test(error.message), String(says));
  }
  assert.throws(() => withSigner(vault, { privateKeyPath: key() }), /Give one/);
});
