'use strict';

/** Where the program is: in the package of this machine's platform, which npm installs beside this one. */
function program() {
  const platform = `${process.platform}-${process.arch}`;
  const file = process.platform === 'win32' ? 'wechatpay-sandbox.exe' : 'wechatpay-sandbox';
  try {
    return require.resolve(`wechatpay-sandbox-${platform}/${file}`);
  } catch (error) {
    throw new Error(
      `wechatpay-sandbox has no program for ${platform} here: install without --omit=optional, or build it with cargo and name it in WECHATPAY_SANDBOX`,
      { cause: error },
    );
  }
}

module.exports = { program };
