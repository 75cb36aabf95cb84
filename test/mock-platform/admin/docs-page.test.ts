import { expect, it } from '@jest/globals';
import { docsPage } from '../../../mock-platform/admin/docs-page.js';

const content = (schema: object) => ({ content: { 'application/json': { schema } } });
const html = (schema: string): string => `<p><code>application/json</code></p><pre>${schema}</pre>`;

it('a document is a page with an entry for each operation and schema', () => {
  const page = docsPage({
    info: { title: 'A & B', description: 'Says "<hello>".' },
    components: { schemas: { One: { type: 'string' }, Two: 5 } },
    paths: {
      '/a': {
        get: {
          summary: 'Gets <a>.',
          parameters: [
            { name: 'id', schema: 1 },
            { name: 'b', schema: 'x' },
          ],
          responses: { 200: { description: '', ...content([1]) }, 400: {} },
        },
        delete: { summary: 'Deletes.', responses: { 204: { description: '' } } },
      },
      '/b': { post: { summary: 'Posts.', requestBody: content({}), responses: { 200: content(null as never) } } },
    },
  });
  const operations = [
    `<details><summary><code>GET /a</code> Gets &lt;a&gt;.</summary><h3>Parameters</h3><dl><dt><code>id</code></dt><dd><pre>1</pre></dd><dt><code>b</code></dt><dd><pre>&quot;x&quot;</pre></dd></dl><h3>Response</h3>${html('[\n  1\n]')}</details>`,
    '<details><summary><code>DELETE /a</code> Deletes.</summary><p>No content (204).</p></details>',
    `<details><summary><code>POST /b</code> Posts.</summary><h3>Body</h3>${html('{}')}<h3>Response</h3>${html('null')}</details>`,
  ];
  const schemas = [
    '<details><summary><code>One</code></summary><pre>{\n  &quot;type&quot;: &quot;string&quot;\n}</pre></details>',
    '<details><summary><code>Two</code></summary><pre>5</pre></details>',
  ];
  expect(page).toMatch(/^<!doctype html>\n<html lang="en">\n<head>/);
  expect(page).toContain('<title>A &amp; B</title><style>');
  expect(page).toContain('<h1>A &amp; B</h1>\n<p>Says &quot;&lt;hello&gt;&quot;. Machine-readable: ');
  expect(page).toContain(`<h2>Paths</h2>\n${operations.join('\n')}\n<h2>Schemas</h2>\n${schemas.join('\n')}\n</main>`);
});
