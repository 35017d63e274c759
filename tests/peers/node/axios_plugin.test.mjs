// wechatpay-axios-plugin, as its users use it, against the local WeChat Pay.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import plugin from 'wechatpay-axios-plugin'
import { credentials, jpeg, number, play, receiver, today } from './merchant.mjs'

const { Wechatpay, Aes, Formatter, Multipart, Rsa } = plugin
const { mchid, appid, api_v3_key: key, wechatpay_public_key_id: keyId } = credentials
const certs = {
  [credentials.platform_serial_no]: credentials.platform_certificate,
  [keyId]: credentials.wechatpay_public_key,
}
const client = (changes = {}) =>
  new Wechatpay({
    mchid,
    serial: credentials.merchant_serial_no,
    privateKey: credentials.merchant_private_key,
    certs,
    ...changes,
  })
const wxpay = client()

async function order(notify_url = 'https://shop.example.com/notify') {
  const out_trade_no = number()
  const parameters = { appid, mchid, description: '乌龙茶', out_trade_no, notify_url, amount: { total: 100 } }
  const { data } = await wxpay.v3.pay.transactions.native.post(parameters)
  assert.match(data.code_url, /^weixin:\/\//)
  return out_trade_no
}

for (const [name, headers] of [
  ['a platform certificate', {}],
  ['the public key', { 'Wechatpay-Serial': keyId }],
]) {
  test(`an answer that ${name} signed is verified`, async () => {
    const out_trade_no = await order()
    const { data, headers: given } = await wxpay.v3.pay.transactions.outTradeNo._out_trade_no_.get({
      params: { mchid },
      out_trade_no,
      headers,
    })
    assert.equal(data.trade_state, 'NOTPAY')
    assert.equal(given['wechatpay-serial'], headers['Wechatpay-Serial'] ?? credentials.platform_serial_no)
  })
}

test('an answer that was changed on the way is refused', async () => {
  await play('faults', { match: { path: '/v3/pay/transactions/native' }, fault: { alter_body: true } })
  await assert.rejects(order(), { code: 'EV3_RES_HEADER_SIGNATURE_DIGEST' })
})

test('an order is paid and its notification verified and decrypted', async (t) => {
  const { url, next } = await receiver(t)
  const out_trade_no = await order(url)
  await play(`pay/${out_trade_no}`)
  const { headers, body } = await next()
  const signed = Formatter.response(headers['wechatpay-timestamp'], headers['wechatpay-nonce'], body)
  const signer = certs[headers['wechatpay-serial']]
  assert.ok(Rsa.verify(signed, headers['wechatpay-signature'], Rsa.from(signer, Rsa.KEY_TYPE_PUBLIC)))
  const { ciphertext, nonce, associated_data } = JSON.parse(body).resource
  const paid = JSON.parse(Aes.AesGcm.decrypt(ciphertext, key, nonce, associated_data))
  assert.equal(paid.out_trade_no, out_trade_no)
  assert.equal(paid.trade_state, 'SUCCESS')
})

test('a refund', async () => {
  const [out_trade_no, out_refund_no] = [await order(), number()]
  await play(`pay/${out_trade_no}`)
  const amount = { refund: 40, total: 100, currency: 'CNY' }
  const { data } = await wxpay.v3.refund.domestic.refunds.post({ out_trade_no, out_refund_no, amount })
  assert.equal(data.status, 'PROCESSING')
  await play(`refunds/${out_refund_no}/finish`)
  const found = await wxpay.v3.refund.domestic.refunds._out_refund_no_.get({ out_refund_no })
  assert.equal(found.data.status, 'SUCCESS')
})

test('the platform certificates are listed and opened', async () => {
  const { data } = await wxpay.v3.certificates.get()
  const { nonce, associated_data, ciphertext } = data.data[0].encrypt_certificate
  assert.match(Aes.AesGcm.decrypt(ciphertext, key, nonce, associated_data), /^-----BEGIN CERTIFICATE-----/)
})

test('the bill holds the orders', async () => {
  const out_trade_no = await order()
  await play(`pay/${out_trade_no}`)
  const applied = await wxpay.v3.bill.tradebill.get({ params: { bill_date: today(), tar_type: 'GZIP' } })
  const address = new URL(applied.data.download_url)
  const { data } = await wxpay.v3.billdownload.file.get({
    params: Object.fromEntries(address.searchParams),
    responseType: 'arraybuffer',
  })
  const bill = gunzipSync(data)
  assert.equal(createHash('sha1').update(bill).digest('hex'), applied.data.hash_value)
  assert.ok(bill.includes(out_trade_no))
})

test('an image is uploaded', async () => {
  const meta = { filename: 'shop.jpg', sha256: createHash('sha256').update(jpeg).digest('hex') }
  const form = new Multipart().append('meta', JSON.stringify(meta)).append('file', jpeg, 'shop.jpg')
  // As bytes: today's axios writes a form anew and leaves out the name of the file.
  const { data } = await wxpay.v3.merchant.media.upload.post(form.getBuffer(), { meta, headers: form.getHeaders() })
  assert.ok(data.media_id)
})

test('what is refused', async () => {
  const query = (wxpay) =>
    wxpay.v3.pay.transactions.outTradeNo._out_trade_no_.get({ params: { mchid }, out_trade_no: number() })
  await assert.rejects(query(wxpay), ({ response }) => {
    assert.deepEqual([response.status, response.data.code], [404, 'ORDER_NOT_EXIST'])
    return true
  })
  await assert.rejects(query(client({ serial: '0'.repeat(40) })), ({ response }) => {
    assert.deepEqual([response.status, response.data.code], [401, 'SIGN_ERROR'])
    return true
  })
})
