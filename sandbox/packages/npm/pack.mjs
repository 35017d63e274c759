// Makes the npm packages as they are published.
//
//   node pack.mjs platform PROGRAM OUT [PLATFORM]   the package of one platform (linux-x64), around the program
//   node pack.mjs main OUT                          the package that people install, which names the platforms as optional
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const home = dirname(fileURLToPath(import.meta.url));
const root = dirname(dirname(dirname(home)));
const own = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));

/** On Linux the program is linked to nothing: one for all systems. */
export const platforms = ['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win32-x64', 'win32-arm64'];

function pack(out, files, manifest) {
  const folder = mkdtempSync(join(tmpdir(), 'wechatpay-sandbox-pack-'));
  try {
    for (const [from, to] of files) cpSync(from, join(folder, to));
    for (const [, to] of files) if (/^(cli\.js|wechatpay-sandbox)/.test(to)) chmodSync(join(folder, to), 0o755);
    for (const licence of ['LICENSE-APACHE', 'LICENSE-MIT']) cpSync(join(root, licence), join(folder, licence));
    writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    mkdirSync(out, { recursive: true });
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    const args = ['pack', '--ignore-scripts', '--pack-destination', resolve(out)];
    const shell = process.platform === 'win32';
    const printed = execFileSync(npm, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], shell });
    console.log(join(out, printed.trim().split('\n').at(-1)));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function platform(program, out, name = `${process.platform}-${process.arch}`) {
  if (!platforms.includes(name)) throw new Error(`there is no package for ${name}; there are ${platforms.join(', ')}`);
  const [os, cpu] = name.split('-');
  const file = os === 'win32' ? 'wechatpay-sandbox.exe' : 'wechatpay-sandbox';
  const { version, license, engines } = own;
  const description = `The program of ${own.name} for ${name}. Installed by itself; depend on ${own.name}.`;
  const manifest = { name: `${own.name}-${name}`, version, description, license, engines, os: [os], cpu: [cpu], files: [file, 'LICENSE-*'] };
  pack(out, [[program, file]], manifest);
}

function main(out) {
  const files = ['index.js', 'index.d.ts', 'cli.js', 'README.md'];
  const optionalDependencies = Object.fromEntries(platforms.map((name) => [`${own.name}-${name}`, own.version]));
  pack(out, files.map((file) => [join(home, file), file]), { ...own, files: [...files, 'LICENSE-*'], optionalDependencies });
}

const [what, ...args] = process.argv.slice(2);
if (what === 'platform' && (args.length === 2 || args.length === 3)) platform(...args);
else if (what === 'main' && args.length === 1) main(...args);
else {
  console.error('usage: pack.mjs platform PROGRAM OUT [PLATFORM] | main OUT');
  process.exit(2);
}
