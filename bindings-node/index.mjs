// The same classes as `require('wechatpay-rs')` gives: one module underneath, so `instanceof` holds across both.
import cjs from './index.js';

export const { Client, WeChatPayError, answerInfo, fen, version } = cjs;
export * from './lib/generated/errors.mjs';
