'use strict';

// tests/vectors of the repository, through the public interface and beside Node's own cryptography.

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { after, test } = require('node:test');
const { Client, answerInfo } = require('wechatpay-rs');
const { failure } = require('./support/index.js');

const vectors = (name) => JSON.parse(fs.readFileSync(path.join(process.env.WECHATPAY_TESTS, 'vectors', name), 'utf8'));
const published = vectors('published.json');
const examples = { operations: [], notifications: [] };
for (const name of fs.readdirSync(path.join(process.env.WECHATPAY_TESTS, 'vectors', 'examples')).sort()) {
  const file = vectors(path.join('examples', name));
  examples.operations.push(...file.operations);
  examples.notifications.push(...file.notifications);
}
const generated = vectors('generated.json');

const merchant = published.keys['doc.merchant'];
const platform = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
const ID = 'PUB_KEY_ID_0000000000000000000000000001';
const API_V3_KEY = '0123456789abcdefghijklmnopqrstuv';
const client = new Client({
  mchid: merchant.mchid,
  privateKey: merchant.private_key_pem,
  merchantSerial: merchant.serial,
  apiV3Key: API_V3_KEY,
  wechatpayPublicKey: platform.publicKey.export({ type: 'spki', format: 'pem' }),
  wechatpayPublicKeyId: ID,
  hkPublicKey: platform.publicKey.export({ type: 'spki', format: 'pem' }),
  hkPublicKeyId: ID,
});
after(() => client.close());

/** Headers with which WeChat Pay would have signed this body. */
function signed(body, signature) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const message = `${timestamp}\nnonce\n${body}\n`;
  return {
    'wechatpay-serial': ID,
    'wechatpay-timestamp': timestamp,
    'wechatpay-nonce': 'nonce',
    'wechatpay-signature': signature ?? crypto.sign('sha256', Buffer.from(message), platform.privateKey).toString('base64'),
  };
}

test('requests are signed so that the published key of the merchant verifies them', async () => {
  const { method, url, headers } = await client.prepareRequest('GET', '/v3/refund/domestic/refunds/123123123123?a=%20b');
  const { Authorization } = headers;
  const field = (name) => new RegExp(`${name}="([^"]*)"`).exec(Authorization)[1];
  assert.ok(Authorization.startsWith('WECHATPAY2-SHA256-RSA2048 '));
  assert.equal(field('mchid'), merchant.mchid);
  const { pathname, search } = new URL(url);
  const message = `${method}\n${pathname}${search}\n${field('timestamp')}\n${field('nonce_str')}\n\n`;
  const key = crypto.createPublicKey(merchant.private_key_pem);
  assert.ok(crypto.verify('sha256', Buffer.from(message), key, Buffer.from(field('signature'), 'base64')));
});

test('the published probes are refused as probes', async () => {
  const probes = published.vectors.filter((vector) => vector.type === 'probe signature');
  assert.ok(probes.length >= 2);
  for (const { signature, whole_string: whole } of probes) {
    const headers = signed('{}', signature ?? whole);
    const error = await failure(client.notifications.parse(headers, Buffer.from('{}')));
    assert.equal(error.kind, 'verification');
    assert.equal(error.code, 'SIGNTEST_PROBE');
  }
});

test('the published answer is old, and refused as such', async () => {
  const { headers, body } = published.vectors.find((vector) => vector.id === 'doc.verify_response');
  const error = await failure(client.finishRequest('GET', { status: 200, headers, body: Buffer.from(body) }));
  assert.equal(error.kind, 'verification');
});

test('texts that another library encrypted are decrypted', async () => {
  const own = new Client({
    mchid: generated.mchid,
    privateKey: generated.keys.merchant.private_key,
    merchantSerial: generated.merchant_serial,
    wechatpayPublicKey: generated.keys.platform.public_key,
    wechatpayPublicKeyId: generated.wechatpay_public_key_id,
  });
  assert.ok(generated.oaep.length > 0);
  for (const { plaintext, ciphertext } of generated.oaep) assert.equal(await own.decryptField(ciphertext), plaintext);
  assert.equal((await failure(own.decryptField('AAAA'))).code, 'SENSITIVE_FIELD');
  await own.close();
});

test('the private key may be in a PKCS#12 file, of either generation of encryption', async () => {
  const keys = path.join(process.env.WECHATPAY_TESTS, '../core/tests/keys');
  const certificate = fs.readFileSync(path.join(keys, 'merchant-cert.pem'));
  const { publicKey } = new crypto.X509Certificate(certificate);
  const options = {
    mchid: '1900000001', // The password, as WeChat Pay sets it.
    merchantCertificate: certificate,
    wechatpayPublicKey: generated.keys.platform.public_key,
    wechatpayPublicKeyId: ID,
  };
  for (const name of ['merchant-legacy.p12', 'merchant-modern.p12']) {
    const privateKeyP12 = fs.readFileSync(path.join(keys, name));
    const own = new Client({ ...options, privateKeyP12 });
    const ciphertext = crypto.publicEncrypt({ key: publicKey, oaepHash: 'sha1' }, Buffer.from('茶')).toString('base64');
    assert.equal(await own.decryptField(ciphertext), '茶');
    await own.close();
    assert.throws(() => new Client({ ...options, privateKeyP12, privateKeyPassword: 'another' }), { kind: 'config', message: /password/ });
  }
});

test('what is too large to be verified on the event loop is verified on a thread, and not any less', async () => {
  const attach = '茶'.repeat(100_000);
  const answer = JSON.stringify({ attach });
  const finish = (headers) => client.finishRequest('GET', { status: 200, headers, body: Buffer.from(answer) });
  assert.deepEqual(await finish(signed(answer)), { attach });
  assert.equal((await failure(finish(signed(`${answer} `)))).code, 'SIGNATURE_MISMATCH');
  const notice = sealed('TRANSACTION.SUCCESS', 'transaction', answer);
  const parse = (headers) => client.notifications.parse(headers, Buffer.from(notice));
  assert.deepEqual((await parse(signed(notice))).resource, { attach });
  assert.equal((await failure(parse(signed(`${notice} `)))).code, 'SIGNATURE_MISMATCH');
});

test('an answer is verified from every shape of headers, and what does not fit is explained from each', async () => {
  const body = '{"attach":"茶"}';
  const headers = { ...signed(body), 'request-id': '08F78BB4A906', 'content-encoding': 'gzip', date: 'now' };
  const shapes = (of) => {
    const entries = Object.entries(of);
    const upper = Object.fromEntries(entries.map(([name, value]) => [name.toUpperCase(), [value]]));
    return [of, upper, new Headers(entries), new Map(entries), entries, entries.flat()];
  };
  const finish = (shape, text = body) =>
    client.finishRequest('GET', { status: 200, headers: shape, body: Buffer.from(text) });
  for (const shape of shapes(headers)) {
    const answer = await finish(shape);
    assert.deepEqual(answer, { attach: '茶' });
    assert.equal(answerInfo(answer).requestId, '08F78BB4A906');
    const altered = await failure(finish(shape, '{"attach":"tea"}'));
    assert.equal(altered.code, 'SIGNATURE_MISMATCH');
    assert.match(altered.message, /Content-Encoding/);
    assert.equal(altered.requestId, '08F78BB4A906');
  }
  const { 'wechatpay-signature': signature, ...rest } = headers;
  for (const shape of shapes({ ...rest, 'x-wechatpay-signature': signature })) {
    const renamed = await failure(finish(shape));
    assert.equal(renamed.code, 'MISSING_HEADER');
    assert.match(renamed.message, /x-wechatpay-signature/i);
  }
  const both = await failure(finish({ ...headers, 'Wechatpay-Nonce': 'another' }));
  assert.equal(both.code, 'AMBIGUOUS_HEADER');
});

/** Answers hold plain text in the examples: the texts at these places are encrypted to the merchant, as WeChat Pay does. */
function encrypted(example, places = []) {
  const key = crypto.createPublicKey(merchant.private_key_pem);
  const encrypt = (text) => crypto.publicEncrypt({ key, oaepHash: 'sha1' }, Buffer.from(text)).toString('base64');
  const onTheWire = structuredClone(example);
  for (const place of places) {
    const names = place.split('/').slice(1);
    const last = names.pop();
    const object = names.reduce((value, name) => value[name], onTheWire);
    object[last] = encrypt(object[last]);
  }
  return JSON.stringify(onTheWire);
}

for (const { id, operation, request, response, encrypted: places, upload } of examples.operations) {
  test(`example ${id}`, async (t) => {
    if (upload !== undefined) return t.skip('uploads are prepared with their file');
    const prepared = await client.prepare(operation, request ?? null);
    assert.match(prepared.url, /^https:\/\/api(hk)?\.mch\.weixin\.qq\.com\/v3\//);
    if (response === undefined || response === null) return undefined;
    if (operation.endsWith('certificates.list')) return t.skip('its example holds no real certificates; scenarios do');
    const body = encrypted(response, places);
    const answer = await client.finish(operation, { status: 200, headers: signed(body), body: Buffer.from(body) });
    assert.deepEqual(answer, response);
    return undefined;
  });
}

for (const { id, event_type, original_type, resource, encrypted: places } of examples.notifications) {
  test(`example of the notification ${id}`, async () => {
    const body = sealed(event_type, original_type, encrypted(resource, places));
    const notice = await client.notifications.parse(signed(body), Buffer.from(body));
    assert.equal(notice.type, id);
    assert.deepEqual(notice.resource, resource);
  });
}

/** The body of a notification as WeChat Pay would send it. */
function sealed(event_type, original_type, text) {
  const nonce = 'nonce-of-12b';
  const cipher = crypto.createCipheriv('aes-256-gcm', API_V3_KEY, nonce);
  cipher.setAAD(Buffer.from('aad'));
  const ciphertext = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]).toString('base64');
  const algorithm = 'AEAD_AES_256_GCM';
  return JSON.stringify({
    id: 'EV-1',
    create_time: '2026-08-08T10:34:56+08:00',
    event_type,
    resource_type: 'encrypt-resource',
    summary: 'x',
    resource: { algorithm, ciphertext, associated_data: 'aad', original_type, nonce },
  });
}
