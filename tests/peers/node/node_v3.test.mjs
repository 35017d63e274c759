// wechatpay-node-v3, as its users use it, against the local WeChat Pay; with `--require hosts.cjs`, for it knows no proxy.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import Pay from 'wechatpay-node-v3'
import { credentials, jpeg, number, play, receiver, today } from './merchant.mjs'

const { mchid, appid, api_v3_key: key } = credentials
const publicKey = Buffer.from(credentials.merchant_certificate)
const privateKey = Buffer.from(credentials.merchant_private_key)
const pay = new Pay({ appid, mchid, publicKey, privateKey, key })

async function order(notify_url = 'https://shop.example.com/notify') {
  const out_trade_no = number()
  const { status, data, error } = await pay.transactions_native({
    description: '乌龙茶',
    out_trade_no,
    notify_url,
    amount: { total: 100 },
  })
  assert.equal(status, 200, error)
  assert.match(data.code_url, /^weixin:\/\//)
  return out_trade_no
}

/** What its users write in their handler of notifications. */
const isGood = ({ headers, body }) =>
  pay.verifySign({
    timestamp: headers['wechatpay-timestamp'],
    nonce: headers['wechatpay-nonce'],
    serial: headers['wechatpay-serial'],
    signature: headers['wechatpay-signature'],
    body,
  })

test('an order is paid and its notification verified and decrypted', async (t) => {
  // It knows platform certificates only.
  await play('settings', { notification_signer: 'certificate' })
  const { url, next } = await receiver(t)
  const out_trade_no = await order(url)
  await play(`pay/${out_trade_no}`)
  const notification = await next()
  assert.equal(await isGood(notification), true)
  const { ciphertext, associated_data, nonce } = JSON.parse(notification.body).resource
  assert.equal(pay.decipher_gcm(ciphertext, associated_data, nonce, key).out_trade_no, out_trade_no)
  const { data } = await pay.query({ out_trade_no })
  assert.equal(data.trade_state, 'SUCCESS')
})

test('a body that was parsed and written anew does not pass', async (t) => {
  await play('settings', { notification_signer: 'certificate' })
  const { url, next } = await receiver(t)
  await play(`pay/${await order(url)}`)
  const { headers, body } = await next()
  assert.equal(await isGood({ headers, body: JSON.parse(body) }), false)
})

test('a resource that was changed is decrypted as if it were good', async (t) => {
  // A mistake of this SDK: it never asks AES-GCM for its verdict, so whoever flips bits of the ciphertext flips those of the text.
  await play('settings', { notification_signer: 'certificate' })
  const { url, next } = await receiver(t)
  await play('faults', { match: { notification: '*' }, fault: { flip_tag: true } })
  const out_trade_no = await order(url)
  await play(`pay/${out_trade_no}`)
  const { ciphertext, associated_data, nonce } = JSON.parse((await next()).body).resource
  assert.equal(pay.decipher_gcm(ciphertext, associated_data, nonce, key).out_trade_no, out_trade_no)
})

test('an answer whose signature is wrong is taken for good', async () => {
  // A mistake of this SDK: answers are not verified at all.
  await play('faults', { match: { path: '/v3/pay/transactions/native' }, fault: { signature: 'stranger' } })
  await order()
})

test('a refund', async () => {
  const [out_trade_no, out_refund_no] = [await order(), number()]
  await play(`pay/${out_trade_no}`)
  const { data } = await pay.refunds({ out_trade_no, out_refund_no, amount: { refund: 40, total: 100, currency: 'CNY' } })
  assert.equal(data.status, 'PROCESSING')
  await play(`refunds/${out_refund_no}/finish`)
  const found = await pay.find_refunds(out_refund_no)
  assert.equal(found.data.status, 'SUCCESS')
})

test('the platform certificates are listed and opened', async () => {
  const [{ publicKey: opened }] = await pay.get_certificates(key)
  assert.match(opened, /^-----BEGIN PUBLIC KEY-----/)
})

test('a bill is applied for and downloaded', async () => {
  await play(`pay/${await order()}`)
  const { data } = await pay.tradebill({ bill_date: today() })
  const bill = await pay.downloadBill(data.download_url)
  assert.equal(bill.status, 200)
})

test('an upload never reaches WeChat Pay', async () => {
  // A mistake of this SDK: it sends the upload to a path without a host.
  const { status } = await pay.upload_images(jpeg, 'shop.jpg')
  assert.equal(status, undefined)
})

test('what is refused', async () => {
  const unknown = await pay.query({ out_trade_no: number() })
  assert.deepEqual([unknown.status, JSON.parse(unknown.error).code], [404, 'ORDER_NOT_EXIST'])
  const stranger = new Pay({ appid, mchid, publicKey, privateKey, serial_no: '0'.repeat(40) })
  const refused = await stranger.query({ out_trade_no: number() })
  assert.deepEqual([refused.status, JSON.parse(refused.error).code], [401, 'SIGN_ERROR'])
})
