import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** Where `npx vite mock-platform/console` finds the admin API of a platform that runs. */
const PLATFORM = process.env.CONSOLE_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  build: {
    outDir: fileURLToPath(new URL('../../dist/mock-platform/console', import.meta.url)),
    emptyOutDir: true,
    target: ['chrome123', 'firefox120', 'safari17.5'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { host: '127.0.0.1', proxy: { '/api': { target: PLATFORM, changeOrigin: true } } },
});
