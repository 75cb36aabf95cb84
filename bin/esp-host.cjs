#!/usr/bin/env node
'use strict';
// Old Nodes must be able to read this file, so that they can say what is wrong.
var version = process.versions.node.split('.').map(Number);
if (version[0] < 22 || (version[0] === 22 && version[1] < 15)) {
  console.error(
    'esp-host needs Node 22.15 or newer and this is ' + process.versions.node + ': npm i -D node@24, then npx esp-host',
  );
  process.exit(1);
}
require('./launch.cjs');
