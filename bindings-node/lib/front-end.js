'use strict';

const { describe, invalid, text } = require('./error.js');

/** Names here, names of the core; those with a question mark may be left out. */
const FUNCTIONS = {
  h5Redirect: { h5Url: 'h5_url', redirectUrl: 'redirect_url' },
  nativeQr: { codeUrl: 'code_url' },
  payscoreOrder: { package: 'package' },
  payscoreOrderDetail: { serviceId: 'service_id', outOrderNo: 'out_order_no' },
  payscorePermission: { applyPermissionsToken: 'apply_permissions_token' },
  h5CouponUrl: { stockId: 'stock_id', outRequestNo: 'out_request_no', openId: 'open_id', 'couponCode?': 'coupon_code' },
  productCoupon: { token: 'token' },
  memberCard: { token: 'token' },
  transferConfirmation: { appid: 'appid', packageInfo: 'package_info' },
  parkingService: { openid: 'openid', plateNumber: 'plate_number', plateColor: 'plate_color', 'subMchid?': 'sub_mchid' },
};

const COUPON = {
  stockId: 'stock_id',
  outRequestNo: 'out_request_no',
  'couponCode?': 'coupon_code',
  'createCouponMerchant?': 'create_coupon_merchant',
  'customizeSendTime?': 'customize_send_time',
};

/** The texts in `given` under the names of the core. */
function renamed(given, names, path) {
  const params = {};
  for (const [key, name] of Object.entries(names)) {
    const own = key.replace('?', '');
    const value = given?.[own];
    if (key === own || value !== undefined) params[name] = text(value, path + own);
  }
  return params;
}

/** What pages, mini-programs and apps open WeChat with, beside the cashier. */
class FrontEnd {
  #open;

  constructor(open) {
    this.#open = open;
  }

  async couponPlugin({ coupons }) {
    if (!Array.isArray(coupons)) throw invalid('WRONG_TYPE', 'coupons', `must be an array, not ${describe(coupons)}.`);
    return this.#open('coupon_plugin', { coupons: coupons.map((coupon, index) => renamed(coupon, COUPON, `coupons[${index}].`)) });
  }

  static {
    for (const [name, parameters] of Object.entries(FUNCTIONS)) {
      const opens = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      const method = async function (given) {
        return this.#open(opens, renamed(given, parameters, ''));
      };
      Object.defineProperty(method, 'name', { value: name });
      Object.defineProperty(this.prototype, name, { value: method, writable: true, configurable: true });
    }
  }
}

module.exports = { FrontEnd };
