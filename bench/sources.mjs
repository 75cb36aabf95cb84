/** Lets a bench load the sources instead of the build: `.js` means `.ts`, and `esp-host` means src/. */
import { registerHooks } from 'node:module';

const SOURCES = { 'esp-host': 'index.ts', 'esp-host/client': 'client.ts', '#wire': 'wire.ts' };

registerHooks({
  resolve(specifier, context, next) {
    const source = SOURCES[specifier];
    if (source !== undefined) return next(new URL(`../src/${source}`, import.meta.url).href, context);
    const own = /^\.{1,2}\/.*\.js$/.test(specifier) && !/\/(?:node_modules|dist)\//.test(context.parentURL);
    return next(own ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
});
