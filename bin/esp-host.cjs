#!/usr/bin/env node
'use strict';
// Old versions of Node.js must be able to parse this file, to print the message.
var version = process.versions.node.split('.').map(Number);
if (version[0] < 22 || (version[0] === 22 && version[1] < 15)) {
  console.error(
    'esp-host requires Node.js 22.15 or newer, and this is ' +
      process.versions.node +
      ': run npm i -D node@24, then npx esp-host',
  );
  process.exit(1);
}
require('./launch.cjs');
