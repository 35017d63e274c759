// Makes the npm packages as they are published.
//
//   node pack.mjs addon FOLDER OUT [TARGET]   the platform package around the library that cargo built into FOLDER
//   node pack.mjs main OUT                    the main package, which names all platform packages as optional
//
// What is published is laid out in a temporary folder, so that nothing of a working copy slips in, and packed by npm.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addonManifest, libraryName, mainManifest, ownTarget, targets } from './targets.mjs';

const home = dirname(dirname(fileURLToPath(import.meta.url)));
const licences = ['LICENSE-APACHE', 'LICENSE-MIT'];

function pack(out, files, manifest) {
  const folder = mkdtempSync(join(tmpdir(), 'wechatpay-pack-'));
  try {
    for (const [from, to] of files) cpSync(from, join(folder, to), { recursive: true });
    for (const licence of licences) cpSync(join(dirname(home), licence), join(folder, licence));
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

function addon(folder, out, target = ownTarget()) {
  const manifest = addonManifest(target);
  pack(out, [[join(folder, libraryName(targets[target])), 'wechatpay.node']], manifest);
}

function main(out) {
  const entries = ['index', 'http', 'testing'].flatMap((entry) => ['js', 'mjs', 'd.ts', 'd.mts'].map((end) => `${entry}.${end}`));
  pack(out, [...entries, 'lib', 'README.md'].map((file) => [join(home, file), file]), mainManifest());
}

const [what, ...args] = process.argv.slice(2);
if (what === 'addon' && (args.length === 2 || args.length === 3)) addon(...args);
else if (what === 'main' && args.length === 1) main(...args);
else {
  console.error('usage: pack.mjs addon FOLDER OUT [TARGET] | main OUT');
  process.exit(2);
}
