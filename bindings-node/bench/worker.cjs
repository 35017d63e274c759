'use strict';

// One job with one SDK in a process of its own: prints the CPU time of an operation in microseconds, over all threads.

const { readFileSync } = require('node:fs');
const { SDKS } = require('./sdks.cjs');

const [name, job, countText, concurrencyText, input] = process.argv.slice(2);
const { credentials, message, answer, order } = JSON.parse(readFileSync(input, 'utf8'));
const sdk = SDKS[name](credentials);
const bytes = ({ headers, body }) => ({ headers, body: Buffer.from(body) });
const [raw, rawAnswer] = [bytes(message), bytes(answer)];

const jobs = {
  sign: () => sdk.sign(credentials.appid, 'wx261153585405162d4d02642eabe7000000'),
  verify: () => sdk.verify(rawAnswer),
  notification: () => sdk.notification(raw),
  query: () => sdk.query(order),
};

async function run(count, concurrency) {
  let left = count;
  const loop = async () => {
    while (left > 0) {
      left -= 1;
      await jobs[job]();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
}

/** That it does the job at all, and what it does not check. */
async function prove() {
  const result = await jobs[job]();
  if (name === 'node:crypto') {
    if (result !== true) throw new Error('the signature does not fit');
    return;
  }
  const text = JSON.stringify(result.data ?? result);
  if (job === 'sign' && result.paySign.length !== 344) throw new Error('no signature');
  if (job !== 'sign' && !text.includes(order)) throw new Error(`${name} ${job}: ${text.slice(0, 300)}`);
}

(async () => {
  const [count, concurrency] = [Number(countText), Number(concurrencyText)];
  await prove();
  await run(Math.ceil(count / 5), concurrency); // warm
  const [cpu, start] = [process.cpuUsage(), process.hrtime.bigint()];
  await run(count, concurrency);
  const { user, system } = process.cpuUsage(cpu);
  const wall = Number(process.hrtime.bigint() - start) / 1000;
  console.log(JSON.stringify({ cpu: (user + system) / count, wall: wall / count }));
  process.exit(0);
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
