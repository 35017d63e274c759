#!/usr/bin/env node
'use strict';
const { spawn } = require('node:child_process');
const { program } = require('./index.js');

let found;
try {
  found = program();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
const child = spawn(found, process.argv.slice(2), { stdio: 'inherit' });
child.on('error', (error) => {
  console.error(`${found} could not be started: ${error.message}`);
  process.exit(1);
});
// A terminal sends these to both; a supervisor to this process alone.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  if (signal) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  } else process.exit(code);
});
