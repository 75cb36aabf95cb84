'use strict';
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const main = join(__dirname, '../dist/src/cli/main.js');
if (existsSync(main)) {
  import('../dist/src/cli/main.js');
} else {
  console.error('esp-host is not built: run npm run build');
  process.exit(1);
}
