'use strict';
import('../dist/src/cli/main.js').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND' || !String(error.message).includes('cli')) throw error;
  console.error('esp-host is not built here: npm run build');
  process.exit(1);
});
