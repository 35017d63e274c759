'use strict';

/** That of package.json, which is not read for it at every start. */
const version = '0.1.0';

/** The packages that may hold the addon of this machine, the likelier first. Each `require` must be a literal. */
const candidates = {
  'linux-x64': [() => require('wechatpay-rs-linux-x64-gnu'), () => require('wechatpay-rs-linux-x64-musl')],
  'linux-arm64': [() => require('wechatpay-rs-linux-arm64-gnu'), () => require('wechatpay-rs-linux-arm64-musl')],
  'darwin-x64': [() => require('wechatpay-rs-darwin-x64')],
  'darwin-arm64': [() => require('wechatpay-rs-darwin-arm64')],
  'win32-x64': [() => require('wechatpay-rs-win32-x64-msvc')],
  'win32-arm64': [() => require('wechatpay-rs-win32-arm64-msvc')],
};

function load() {
  const machine = `${process.platform}-${process.arch}`;
  const failures = [];
  // An addon built by hand: for work on this package, and for platforms without one.
  const own = process.env.WECHATPAY_RS_ADDON;
  const loaders = own ? [() => require(own)] : candidates[machine] || [];
  for (const loader of loaders) {
    try {
      const native = loader();
      if (native.version() !== version) {
        throw new Error(`the addon has version ${native.version()}`);
      }
      return native;
    } catch (error) {
      failures.push(error);
    }
  }
  const reasons = failures.map((error) => `\n  - ${String(error.message).split('\n')[0]}`).join('');
  const advice = loaders.length
    ? 'Install again with optional dependencies (npm install --include=optional), on the same system that runs the ' +
      'program: node_modules copied from another system, or made with --omit=optional, lacks the addon. ' +
      'On Linux glibc 2.31 or newer, or musl, is needed.'
    : `There is no build for ${machine}. Build one with cargo and name its path in WECHATPAY_RS_ADDON.`;
  const error = new Error(`wechatpay-rs ${version}: the native addon could not be loaded. ${advice}${reasons}`);
  error.code = 'WECHATPAY_RS_ADDON_MISSING';
  error.cause = failures[0];
  throw error;
}

module.exports = load();
