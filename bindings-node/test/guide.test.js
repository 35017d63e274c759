'use strict';

// The Node.js snippets of docs/guide, page by page, as they stand there. What else a page must be, Python's test_guide.py sees to.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { pathToFileURL } = require('node:url');

const tests = process.env.WECHATPAY_TESTS ?? path.join(__dirname, '..', '..', 'tests');
const guide = path.join(tests, '..', 'docs', 'guide');
const front = 'README.md';
const pages = fs.readdirSync(guide).filter((name) => name.endsWith('.md'));
// Beside this file, so that the packages that it imports are found.
const modules = fs.mkdtempSync(path.join(__dirname, 'guide-'));
const elsewhere = fs.mkdtempSync(path.join(os.tmpdir(), 'wechatpay-guide-'));
const start = process.cwd();
let given;

function snippets(page) {
  return Array.from(fs.readFileSync(path.join(guide, page), 'utf8').matchAll(/^```js\n(.*?)^```$/gms), ([, code]) => code);
}

async function run(name, code) {
  const file = path.join(modules, `${name}.mjs`);
  fs.writeFileSync(file, code);
  return import(pathToFileURL(file).href);
}

before(async () => {
  // The front page's first snippet gives the names that all others take.
  given = await run('given', `${snippets(front)[0]}\nexport { Client, WeChatPayError, sandbox, client, appid, mchid, openid, notify_url, newest, notify };`);
  process.chdir(elsewhere);
});

after(async () => {
  process.chdir(start);
  await given?.client.close();
  await given?.sandbox.close();
  for (const folder of [modules, elsewhere]) fs.rmSync(folder, { recursive: true });
});

for (const page of pages) {
  test(`the snippets of ${page} run`, async () => {
    await given.sandbox.control('POST', '/sandbox/reset');
    const code = snippets(page).slice(page === front ? 1 : 0);
    await run(path.parse(page).name, [`import { ${Object.keys(given).join(', ')} } from './given.mjs';`, ...code].join('\n'));
    const { requests } = await given.sandbox.control('GET', '/sandbox/requests');
    assert.ok(requests.length > 0, 'no snippet of this page calls anything');
    assert.deepEqual(requests.filter((one) => one.status >= 400 || one.warnings.length > 0), []);
  });
}
