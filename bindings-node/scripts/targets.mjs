// The platforms for which an addon is published. The release workflow builds each; the loader in lib/native.js names each.
export const targets = {
  'linux-x64-gnu': { rust: 'x86_64-unknown-linux-gnu', os: 'linux', cpu: 'x64', libc: 'glibc' },
  'linux-x64-musl': { rust: 'x86_64-unknown-linux-musl', os: 'linux', cpu: 'x64', libc: 'musl' },
  'linux-arm64-gnu': { rust: 'aarch64-unknown-linux-gnu', os: 'linux', cpu: 'arm64', libc: 'glibc' },
  'linux-arm64-musl': { rust: 'aarch64-unknown-linux-musl', os: 'linux', cpu: 'arm64', libc: 'musl' },
  'darwin-x64': { rust: 'x86_64-apple-darwin', os: 'darwin', cpu: 'x64' },
  'darwin-arm64': { rust: 'aarch64-apple-darwin', os: 'darwin', cpu: 'arm64' },
  'win32-x64-msvc': { rust: 'x86_64-pc-windows-msvc', os: 'win32', cpu: 'x64' },
  'win32-arm64-msvc': { rust: 'aarch64-pc-windows-msvc', os: 'win32', cpu: 'arm64' },
};

/** The target of this machine. */
export function ownTarget() {
  const musl = process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime;
  const wanted = { os: process.platform, cpu: process.arch, libc: process.platform === 'linux' ? (musl ? 'musl' : 'glibc') : undefined };
  const found = Object.entries(targets).find(([, { os, cpu, libc }]) => os === wanted.os && cpu === wanted.cpu && libc === wanted.libc);
  if (!found) throw new Error(`there is no target for ${wanted.os} on ${wanted.cpu}`);
  return found[0];
}

/** What cargo calls the library that becomes the addon. */
export function libraryName({ os }) {
  return os === 'win32' ? 'wechatpay_node.dll' : os === 'darwin' ? 'libwechatpay_node.dylib' : 'libwechatpay_node.so';
}
