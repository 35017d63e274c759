// The platforms for which an addon is published, and what each package says of itself. The release workflow builds each,
// and lib/native.js looks for each: test/packages.test.mjs holds the three together.
import { readFileSync } from 'node:fs';

/** npm packs a file LICENSE unasked, and these not. */
const licences = 'LICENSE-*';
const own = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

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
  return { win32: 'wechatpay_node.dll', darwin: 'libwechatpay_node.dylib' }[os] ?? 'libwechatpay_node.so';
}

/** package.json of the package with the addon of a target. */
export function addonManifest(target) {
  if (!Object.hasOwn(targets, target)) throw new Error(`there is no target ${target}`);
  const { os, cpu, libc } = targets[target];
  return {
    name: `${own.name}-${target}`,
    version: own.version,
    description: `The native addon of ${own.name} for ${target}. Installed by itself; depend on ${own.name}.`,
    license: own.license,
    main: './wechatpay.node',
    files: ['wechatpay.node', licences],
    engines: own.engines,
    os: [os],
    cpu: [cpu],
    ...(libc && { libc: [libc] }),
    ...(own.repository && { repository: own.repository }),
  };
}

/** package.json of the main package as it is published: it names the package of every target as optional. */
export function mainManifest() {
  const { devDependencies, ...manifest } = own;
  manifest.files = [...own.files, licences];
  manifest.optionalDependencies = Object.fromEntries(Object.keys(targets).map((target) => [`${own.name}-${target}`, own.version]));
  return manifest;
}
