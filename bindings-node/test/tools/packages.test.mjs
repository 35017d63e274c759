// What is published: the packages of all platforms, and the workflow that builds them. Run beside the repository.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { parse } from 'yaml';

const repository = dirname(process.env.WECHATPAY_TESTS);
const home = join(repository, 'bindings-node');
const script = (name) => join(home, 'scripts', name);
const { addonManifest, libraryName, mainManifest, ownTarget, targets } = await import(pathToFileURL(script('targets.mjs')));
const own = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
const workflow = parse(readFileSync(join(repository, '.github/workflows/release-node.yml'), 'utf8'));

const folder = mkdtempSync(join(tmpdir(), 'wechatpay-packages-'));
after(() => rmSync(folder, { recursive: true }));

/** The packed addon of a target, around a library that cannot be loaded. */
function packed(target) {
  writeFileSync(join(folder, libraryName(targets[target])), 'not a library');
  const printed = execFileSync(process.execPath, [script('pack.mjs'), 'addon', folder, join(folder, 'dist'), target], { encoding: 'utf8' });
  return printed.trim();
}

test('the main package names exactly the packages of all targets, in its own version', () => {
  const { optionalDependencies, devDependencies, dependencies, files } = mainManifest();
  const addons = Object.keys(targets).map((target) => addonManifest(target));
  assert.deepEqual(optionalDependencies, Object.fromEntries(addons.map(({ name, version }) => [name, version])));
  assert.ok(Object.values(optionalDependencies).every((version) => version === own.version));
  assert.equal(devDependencies, undefined);
  assert.equal(dependencies, undefined);
  assert.deepEqual(files, [...own.files, 'LICENSE-*']);
});

test('each addon is for one system, processor and C library, and asks for the same Node.js', () => {
  for (const target of Object.keys(targets)) {
    const { name, os, cpu, libc, engines, main, files } = addonManifest(target);
    const [system, processor, abi] = target.split('-');
    assert.equal(name, `wechatpay-rs-${target}`);
    assert.deepEqual([os, cpu], [[system], [processor]]);
    assert.deepEqual(libc, { gnu: ['glibc'], musl: ['musl'] }[abi]);
    assert.deepEqual(engines, own.engines);
    assert.equal(main, './wechatpay.node');
    assert.deepEqual(files, ['wechatpay.node', 'LICENSE-*']);
  }
  assert.throws(() => addonManifest('amiga-m68k'), /no target amiga-m68k/);
});

test('the loader looks for each addon on its machine, and for no other', () => {
  const loader = readFileSync(join(home, 'lib/native.js'), 'utf8');
  const found = [...loader.matchAll(/'([a-z0-9]+-[a-z0-9]+)': \[(.*)\],/g)].flatMap(([, machine, list]) =>
    [...list.matchAll(/require\('wechatpay-rs-([^']+)'\)/g)].map(([, target]) => [target, machine]),
  );
  const wanted = Object.entries(targets).map(([target, { os, cpu }]) => [target, `${os}-${cpu}`]);
  assert.deepEqual(found, wanted);
});

test('the loader wants the addon of its own version', () => {
  const [, version] = /^const version = '(.*)';$/m.exec(readFileSync(join(home, 'lib/native.js'), 'utf8'));
  assert.equal(version, own.version);
});

test('the workflow builds each target, and publishes when all are built and tested', () => {
  const { addon, publish } = workflow.jobs;
  const built = addon.strategy.matrix.include.map(({ target, rust }) => [target, rust]);
  assert.deepEqual(built, Object.entries(targets).map(([target, { rust }]) => [target, rust]));
  for (const { target, image } of addon.strategy.matrix.include) {
    // What is linked against an old C library runs on newer systems; musl needs its own.
    const wanted = { linux: target.endsWith('musl') ? /alpine/ : /bullseye/ }[targets[target].os];
    if (wanted) assert.match(image, wanted);
    else assert.equal(image, undefined);
  }
  assert.deepEqual([...publish.needs].sort(), Object.keys(workflow.jobs).filter((job) => job !== 'publish').sort());
  assert.deepEqual(publish.permissions, { contents: 'read', 'id-token': 'write' });
  assert.deepEqual(workflow.permissions, { contents: 'read' });
});

test('npm would publish an addon as it is packed: library, licences and manifest, nothing else', () => {
  const tarball = packed(ownTarget());
  const npm = ['publish', '--dry-run', '--json', '--offline', '--ignore-scripts', '--access', 'public', tarball];
  const { status, stdout, stderr } = spawnSync('npm', npm, { cwd: folder, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const report = JSON.parse(stdout);
  const { name, version, files } = report[`wechatpay-rs-${ownTarget()}`] ?? report;
  assert.equal(name, `wechatpay-rs-${ownTarget()}`);
  assert.equal(version, own.version);
  assert.deepEqual(files.map(({ path }) => path).sort(), ['LICENSE-APACHE', 'LICENSE-MIT', 'package.json', 'wechatpay.node']);
});

test('npm refuses the addon of another system, processor or C library', () => {
  const { os, cpu } = targets[ownTarget()];
  const others = Object.keys(targets).filter((target) => target !== ownTarget());
  const wrong = [
    others.find((target) => targets[target].os !== os),
    others.find((target) => targets[target].os === os && targets[target].cpu !== cpu),
    others.find((target) => targets[target].os === os && targets[target].cpu === cpu),
  ].filter(Boolean);
  for (const target of wrong) {
    const project = join(folder, `on-${target}`);
    mkdirSync(project);
    writeFileSync(join(project, 'package.json'), '{"private":true}');
    const { status, stderr } = spawnSync('npm', ['install', '--offline', packed(target)], { cwd: project, encoding: 'utf8' });
    assert.notEqual(status, 0, `${target} was installed`);
    assert.match(stderr, /EBADPLATFORM/, target);
  }
});
