// Measures wechatpay-rs beside the other SDKs in the same run. See README.md.
import { execFileSync } from 'node:child_process';
import crypto from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'wechatpay-rs';
import { startSandbox } from 'wechatpay-rs/testing';

const quick = process.argv.includes('--quick');
const rounds = quick ? 3 : 7;
const home = dirname(fileURLToPath(import.meta.url));
const names = ['wechatpay-rs', 'wechatpay-axios-plugin', 'wechatpay-node-v3'];
const version = (name) => JSON.parse(readFileSync(join(home, 'node_modules', name, 'package.json'))).version;
/** Of CPU time: what else the machine does meanwhile can only add to it. */
const least = (numbers) => Math.min(...numbers);
const node = (...args) => execFileSync(process.execPath, args, { cwd: home, encoding: 'utf8' });

/** A notification and an answer of the sandbox, with lower-case headers as Node has them. */
async function material(sandbox) {
  const client = new Client(sandbox.clientOptions);
  const order = 'BENCH-1';
  const { appid, openid } = sandbox.credentials;
  await client.payments.jsapi.prepay({
    appid,
    description: 'tea',
    out_trade_no: order,
    notify_url: 'http://127.0.0.1:1/notify',
    amount: { total: 100 },
    payer: { openid },
  });
  await sandbox.pay(order);
  const lower = (headers) => Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const { notifications } = await sandbox.control('GET', '/sandbox/notifications?wait=true');
  const attempt = notifications[0].attempts.at(-1);
  const signed = await client.prepare('payments.query_by_out_trade_no', { out_trade_no: order });
  const response = await fetch(signed.url, signed);
  const answer = { headers: Object.fromEntries(response.headers), body: await response.text() };
  await client.close();
  return { credentials: sandbox.credentials, order, answer, message: { headers: lower(attempt.headers), body: attempt.body } };
}

/** What no SDK can do without: one RSA verification of the same message, in the same turns. */
const bare = 'node:crypto';

/** CPU microseconds of an operation with each SDK: the least of the rounds, in which the SDKs take turns. */
function cpu(job, count, concurrency, input, contestants = names) {
  const seen = Object.fromEntries(contestants.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const name of contestants) {
      const printed = node('worker.cjs', name, job, String(count), String(concurrency), input);
      seen[name].push(JSON.parse(printed).cpu);
    }
  }
  return Object.fromEntries(contestants.map((name) => [name, least(seen[name])]));
}

/** CPU milliseconds above an empty Node, of a program for each SDK. */
function load(program) {
  const tell = ';const{user,system}=process.cpuUsage();console.log(user+system)';
  const seen = Object.fromEntries(['', ...names].map((name) => [name, []]));
  for (let round = 0; round < rounds * 10; round += 1) {
    for (const name of ['', ...names]) {
      seen[name].push(Number(node('-e', `${name === '' ? '0' : program(name)}${tell}`)) / 1000);
    }
  }
  return Object.fromEntries(names.map((name) => [name, least(seen[name]) - least(seen[''])]));
}

/** Megabytes of a package and of everything that npm installs with it. */
function installed(name, seen = new Set(), from = home) {
  let folder = from;
  let at;
  for (;;) {
    at = join(folder, 'node_modules', name);
    try {
      statSync(join(at, 'package.json'));
      break;
    } catch {
      if (folder === dirname(folder)) return 0; // Optional, and not for this machine.
      folder = dirname(folder);
    }
  }
  if (seen.has(at)) return 0;
  seen.add(at);
  const { dependencies, optionalDependencies, peerDependencies } = JSON.parse(readFileSync(join(at, 'package.json')));
  const more = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  return more.reduce((sum, other) => sum + installed(other, seen, at), size(at) / 1e6);
}

function size(path) {
  const { isDirectory, size: own } = ((s) => ({ isDirectory: s.isDirectory(), size: s.size }))(statSync(path));
  if (!isDirectory) return own;
  return readdirSync(path).reduce((sum, name) => (name === 'node_modules' ? sum : sum + size(join(path, name))), 0);
}

/** What signing and verifying cost by themselves: Node's own OpenSSL with ready keys, in CPU microseconds. */
function floor({ merchant_private_key: own, wechatpay_public_key: platform }) {
  const [key, other] = [crypto.createPrivateKey(own), crypto.createPublicKey(platform)];
  const signature = crypto.sign('sha256', Buffer.alloc(200), key);
  const time = (count, work) => {
    const before = process.cpuUsage();
    for (let index = 0; index < count; index += 1) work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / count;
  };
  const several = (count, work) => least(Array.from({ length: 5 }, () => time(count, work)));
  return {
    sign: several(500, () => crypto.sign('sha256', Buffer.alloc(200), key)),
    verify: several(5000, () => crypto.verify('sha256', Buffer.alloc(200), other, signature)),
  };
}

const folder = mkdtempSync(join(tmpdir(), 'wechatpay-bench-'));
const sandbox = await startSandbox();
try {
  const input = join(folder, 'input.json');
  const fresh = async () => {
    // Notifications are good for 300 seconds.
    await sandbox.control('POST', '/sandbox/reset');
    const made = await material(sandbox);
    writeFileSync(input, JSON.stringify(made), { mode: 0o600 });
    return made;
  };
  const rows = [];
  const row = (what, unit, values, goal, better = 'lower') => {
    const peers = names.slice(1).map((name) => values[name]);
    const ours = values[names[0]];
    const ratio = better === 'lower' ? Math.min(...peers) / ours : ours / Math.max(...peers);
    rows.push({ what, unit, ...Object.fromEntries(names.map((name) => [name, +values[name].toFixed(2)])), 'better by': +ratio.toFixed(2), goal });
    console.error(`${what}: ${names.map((name) => values[name].toFixed(1)).join(' / ')} ${unit}`);
  };
  const { credentials } = await fresh();
  const own = floor(credentials);
  row('sign payment parameters', 'µs CPU', cpu('sign', 800, 1, input), '≥ 1');
  for (const [what, job, goal] of [['verify and decode an answer', 'verify', ''], ['whole notification', 'notification', '≥ 1.8']]) {
    await fresh();
    const spent = cpu(job, 8000, 1, input, [...names, bare]);
    row(what, 'µs CPU', spent, goal);
    const above = Object.fromEntries(names.map((name) => [name, spent[name] - spent[bare]]));
    row(`… above RSA (${spent[bare].toFixed(1)})`, 'µs CPU', above, '≤ 15 µs');
  }
  const lone = {};
  for (const concurrency of [1, 16, 64]) {
    await fresh();
    const spent = cpu('query', 1500, concurrency, input);
    lone[concurrency] = spent[names[0]];
    const rate = Object.fromEntries(names.map((name) => [name, 1e6 / spent[name]]));
    row(`queries, ${concurrency} at once`, 'per CPU-second', rate, '≥ 1.7', 'higher');
  }
  row('require', 'ms above Node', load((name) => `require('${name}')`), '≥ 8');
  const first = (name) => `require('./sdks.cjs').SDKS['${name}'](JSON.parse(require('fs').readFileSync('${input}')).credentials)`;
  row('require and first client', 'ms above Node', load(first), '≥ 8');
  row('installed', 'MB', Object.fromEntries(names.map((name) => [name, installed(name)])), '≥ 2');

  console.log(`Node ${process.version}, ${names.map((name) => `${name} ${version(name)}`).join(', ')}`);
  console.log(`${rounds} rounds in turn, the least of them; CPU time of all threads. wechatpay-node-v3 does not verify answers to queries.\n`);
  console.table(rows);
  console.log(`signing ${own.sign.toFixed(0)} µs + verifying ${own.verify.toFixed(0)} µs by Node's OpenSSL; what a query costs beyond (goal ≤ 80 µs):`);
  for (const [concurrency, spent] of Object.entries(lone)) {
    console.log(`  ${concurrency} at once: ${(spent - own.sign - own.verify).toFixed(0)} µs`);
  }
} finally {
  await sandbox.close();
  rmSync(folder, { recursive: true });
}
