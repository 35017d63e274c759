'use strict';

// The same jobs with each SDK, each as its own documentation shows them. `credentials` are those of a sandbox.

const SDKS = {
  'wechatpay-rs'(credentials) {
    const { Client } = require('wechatpay-rs');
    const client = new Client({
      mchid: credentials.mchid,
      privateKey: credentials.merchant_private_key,
      merchantSerial: credentials.merchant_serial_no,
      apiV3Key: credentials.api_v3_key,
      wechatpayPublicKey: credentials.wechatpay_public_key,
      wechatpayPublicKeyId: credentials.wechatpay_public_key_id,
      baseUrl: credentials.base_url,
    });
    return {
      sign: (appid, prepayId) => client.jsapiPayment({ appid, prepayId }),
      verify: ({ headers, body }) =>
        client.finish('payments.query_by_out_trade_no', { status: 200, headers, body: Buffer.from(body) }),
      notification: ({ headers, body }) => client.notifications.parse(headers, body),
      query: (out_trade_no) => client.payments.queryByOutTradeNo({ out_trade_no }),
    };
  },

  'wechatpay-axios-plugin'(credentials) {
    const { Wechatpay, Rsa, Formatter, Aes } = require('wechatpay-axios-plugin');
    const privateKey = Rsa.from(credentials.merchant_private_key, Rsa.KEY_TYPE_PRIVATE);
    const platform = Rsa.from(credentials.wechatpay_public_key, Rsa.KEY_TYPE_PUBLIC);
    const wxpay = new Wechatpay({
      mchid: credentials.mchid,
      serial: credentials.merchant_serial_no,
      privateKey,
      certs: { [credentials.wechatpay_public_key_id]: platform },
      baseURL: `${credentials.base_url}/`,
    });
    const check = ({ headers, body }) => {
      const { 'wechatpay-timestamp': timestamp, 'wechatpay-nonce': nonce, 'wechatpay-signature': signature } = headers;
      const text = body.toString();
      if (Math.abs(Formatter.timestamp() - timestamp) > 300) throw new Error('clock');
      if (!Rsa.verify(Formatter.response(timestamp, nonce, text), signature, platform)) throw new Error('signature');
      return JSON.parse(text);
    };
    return {
      sign(appid, prepayId) {
        const [timeStamp, nonceStr, packageText] = [`${Formatter.timestamp()}`, Formatter.nonce(), `prepay_id=${prepayId}`];
        const paySign = Rsa.sign(Formatter.joinedByLineFeed(appid, timeStamp, nonceStr, packageText), privateKey);
        return { appId: appid, timeStamp, nonceStr, package: packageText, signType: 'RSA', paySign };
      },
      verify: check,
      notification(message) {
        const { resource } = check(message);
        const { ciphertext, nonce, associated_data: aad } = resource;
        return JSON.parse(Aes.AesGcm.decrypt(ciphertext, credentials.api_v3_key, nonce, aad));
      },
      query: (out_trade_no) =>
        wxpay.v3.pay.transactions.outTradeNo.$out_trade_no$.get({
          params: { mchid: credentials.mchid },
          headers: { 'Wechatpay-Serial': credentials.wechatpay_public_key_id },
          out_trade_no,
        }),
    };
  },

  'wechatpay-node-v3'(credentials) {
    const Pay = require('wechatpay-node-v3');
    const pay = new Pay({
      appid: credentials.appid,
      mchid: credentials.mchid,
      serial_no: credentials.merchant_serial_no,
      publicKey: Buffer.from(credentials.merchant_certificate),
      privateKey: Buffer.from(credentials.merchant_private_key),
      key: credentials.api_v3_key,
    });
    Pay.certificates[credentials.wechatpay_public_key_id] = credentials.wechatpay_public_key;
    // It knows one host only; its own HTTP service is asked for the sandbox's instead.
    const own = pay.httpService;
    const moved = (url) => url.replace('https://api.mch.weixin.qq.com', credentials.base_url);
    pay.createHttp({
      get: (url, headers) => own.get(moved(url), headers),
      post: (url, params, headers) => own.post(moved(url), params, headers),
    });
    const check = async ({ headers, body }) => {
      const text = body.toString();
      const valid = await pay.verifySign({
        timestamp: headers['wechatpay-timestamp'],
        nonce: headers['wechatpay-nonce'],
        serial: headers['wechatpay-serial'],
        signature: headers['wechatpay-signature'],
        body: text,
      });
      if (!valid) throw new Error('signature');
      return JSON.parse(text);
    };
    return {
      sign(appid, prepayId) {
        const timeStamp = `${Math.floor(Date.now() / 1000)}`;
        const nonceStr = Math.random().toString(36).slice(2, 17);
        const packageText = `prepay_id=${prepayId}`;
        const paySign = pay.sign(`${appid}\n${timeStamp}\n${nonceStr}\n${packageText}\n`);
        return { appId: appid, timeStamp, nonceStr, package: packageText, signType: 'RSA', paySign };
      },
      verify: check,
      async notification(message) {
        const { resource } = await check(message);
        return pay.decipher_gcm(resource.ciphertext, resource.associated_data, resource.nonce, credentials.api_v3_key);
      },
      // It does not verify the answer.
      query: (out_trade_no) => pay.query({ out_trade_no }),
    };
  },

  /** RSA alone, with ready keys: what the rows "above RSA" are above. */
  'node:crypto'(credentials) {
    const crypto = require('node:crypto');
    const platform = crypto.createPublicKey(credentials.wechatpay_public_key);
    const ready = new Map();
    const verify = (message) => {
      if (!ready.has(message)) {
        const { headers, body } = message;
        const text = `${headers['wechatpay-timestamp']}\n${headers['wechatpay-nonce']}\n${body}\n`;
        ready.set(message, [Buffer.from(text), Buffer.from(headers['wechatpay-signature'], 'base64')]);
      }
      const [text, signature] = ready.get(message);
      return crypto.verify('sha256', text, platform, signature);
    };
    return { verify, notification: verify };
  },
};

module.exports = { SDKS };
