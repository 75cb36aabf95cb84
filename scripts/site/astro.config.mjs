import { readFileSync } from 'node:fs';
import starlight from '@astrojs/starlight';
import { defineConfig } from 'astro/config';
import linksValidator from 'starlight-links-validator';
import { sidebarOf } from './pages.mjs';

const contents = readFileSync(new URL('../../docs/README.md', import.meta.url), 'utf8');

export default defineConfig({
  srcDir: '.',
  integrations: [
    starlight({
      title: 'esp-host',
      description: 'Write, test and run Genesys ESP services in TypeScript',
      sidebar: sidebarOf(contents),
      credits: false,
      // The console's address is one of this machine.
      plugins: [linksValidator({ exclude: ['/files/**'], errorOnLocalLinks: false })],
    }),
  ],
});
