// What is published: the packages of all platforms, and the workflow that builds them. Run beside the repository.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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

test('what the workflow publishes is what was packed: library, licences and manifest, the main package last', () => {
  const addon = packed(ownTarget());
  execFileSync(process.execPath, [script('pack.mjs'), 'main', dirname(addon)]);
  symlinkSync(home, join(folder, 'bindings-node'));
  const step = workflow.jobs.publish.steps.at(-1).run;
  const dry = step.replaceAll('npm publish --provenance', 'npm publish --dry-run --json --offline');
  assert.equal(dry.split('--dry-run').length, 3);
  const publish = (tag) => spawnSync('bash', ['-euc', dry], { cwd: folder, encoding: 'utf8', env: { ...process.env, GITHUB_REF_NAME: tag } });
  const { status, stdout, stderr } = publish(`v${own.version}`);
  assert.equal(status, 0, stderr);
  const reports = JSON.parse(`[${stdout.trim().replaceAll(/\n}\n{/g, '\n},\n{')}]`).map((report) => (report.name ? report : Object.values(report)[0]));
  assert.deepEqual(reports.map(({ name }) => name), [`wechatpay-rs-${ownTarget()}`, 'wechatpay-rs']);
  assert.ok(reports.every(({ version }) => version === own.version));
  const [files, more] = reports.map((report) => report.files.map(({ path }) => path).sort());
  assert.deepEqual(files, ['LICENSE-APACHE', 'LICENSE-MIT', 'package.json', 'wechatpay.node']);
  for (const file of ['LICENSE-MIT', 'README.md', 'index.js', 'index.d.mts', 'lib/generated/payments/jsapi.d.ts']) assert.ok(more.includes(file), file);
  assert.equal(more.find((file) => /test|bench|scripts|src\//.test(file.replace(/^testing\./, ''))), undefined);
  assert.notEqual(publish('v9.9.9').status, 0, 'a tag of another version publishes nothing');
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
