'use strict';

// The conversations that every language has with the sandbox: tests/scenarios/*.json of the repository.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { useSandbox } = require('./support/index.js');
const { mismatch } = require('./support/matching.js');
const { Scenario } = require('./support/scenario.js');

const context = useSandbox();
const folder = path.join(process.env.WECHATPAY_TESTS, 'scenarios');
let count = 0;

for (const name of fs.readdirSync(folder).sort()) {
  const { title, let: constants, scenarios, ...unknown } = JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8'));
  assert.deepEqual(unknown, {}, `${name}: unknown members`);
  assert.ok(title);
  for (const scenario of scenarios) {
    count += 1;
    test(`${name}: ${scenario.name}`, () => new Scenario(context.sandbox, constants).run(scenario));
  }
}

test(`${count} scenarios were there to run`, () => assert.ok(count > 0));

test('the matchers of this runner tell what fits from what does not', () => {
  const found = { a: 'tea', b: [1, { c: null }], d: 1 };
  for (const [expected, fits] of [
    [{ a: 'tea' }, true],
    [{ a: 'te' }, false],
    [{ a: { $contains: 'te' } }, true],
    [{ a: { $contains: ['te', 'x'] } }, false],
    [{ b: { $length: 2 } }, true],
    [{ b: [1] }, false],
    [{ b: { $contains: { c: { $absent: true } } } }, true],
    [{ d: { $type: 'number' } }, true],
    [{ e: { $absent: true } }, true],
    [{ e: { $type: 'null' } }, false],
  ]) {
    assert.equal(mismatch(expected, found) === undefined, fits, JSON.stringify(expected));
  }
  assert.throws(() => mismatch({ a: { $like: 1 } }, found));
});
