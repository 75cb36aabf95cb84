/** The part of an OpenAPI operation that the page shows. */
interface Operation {
  readonly summary: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: unknown }[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Partial<Content>>>;
}

interface Content {
  readonly content: Readonly<Record<string, { readonly schema: unknown }>>;
}

const STYLE = `
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
  body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  code, pre { font-family: ui-monospace, monospace; font-size: 0.9rem; }
  pre { overflow-x: auto; padding: 0.75rem; border: 1px solid; border-radius: 0.25rem; }
  summary { cursor: pointer; padding: 0.25rem 0; }
  dt { font-weight: 600; }`;

/** Renders an OpenAPI document as a self-contained HTML page without scripts. */
export function docsPage(document: Record<string, unknown>): string {
  const paths = Object.entries(document.paths as Record<string, Record<string, Operation>>);
  const { title, description } = document.info as { title: string; description: string };
  const { schemas } = document.components as { schemas: Record<string, unknown> };
  const operations = paths.flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => operationHtml(`${method.toUpperCase()} ${path}`, operation)),
  );
  const shared = Object.entries(schemas).map(([name, schema]) => details(`<code>${text(name)}</code>`, json(schema)));
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(title)}</title><style>${STYLE}</style></head>
<body><main>
<h1>${text(title)}</h1>
<p>${text(description)} Machine-readable: <a href="/api/openapi.json">/api/openapi.json</a> (OpenAPI 3.1).
<code>GET /api/events</code> streams changes as server-sent events. <a href="/">Open the console</a>.</p>
<h2>Paths</h2>
${operations.join('\n')}
<h2>Schemas</h2>
${shared.join('\n')}
</main></body></html>
`;
}

function operationHtml(name: string, { summary, parameters = [], requestBody, responses }: Operation): string {
  const parameterList = parameters.map(
    ({ name, schema }) => `<dt><code>${text(name)}</code></dt><dd>${json(schema)}</dd>`,
  );
  const [success] = Object.values(responses);
  const parts = [
    parameterList.length === 0 ? '' : `<h3>Parameters</h3><dl>${parameterList.join('')}</dl>`,
    requestBody === undefined ? '' : `<h3>Body</h3>${contentHtml(requestBody)}`,
    success?.content === undefined
      ? '<p>No content (204).</p>'
      : `<h3>Response</h3>${contentHtml({ content: success.content })}`,
  ];
  return details(`<code>${text(name)}</code> ${text(summary)}`, parts.join(''));
}

const contentHtml = ({ content }: Content): string =>
  Object.entries(content)
    .map(([type, { schema }]) => `<p><code>${text(type)}</code></p>${json(schema)}`)
    .join('');

const details = (head: string, body: string): string => `<details><summary>${head}</summary>${body}</details>`;

const json = (value: unknown): string => `<pre>${text(JSON.stringify(value, undefined, 2))}</pre>`;

const text = (plain: string): string =>
  plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
