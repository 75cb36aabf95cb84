/** docs/reference/configuration.md: every key of config.yaml, from its JSON Schema. */

export function configurationPage(schema) {
  const sections = sectionsOf(schema).map(({ title, rows }) => `## ${title}\n\n${table(rows)}`);
  return `# Keys of config.yaml

The values of each key, from the JSON Schema of \`config.yaml\` (\`esp-host schema\`), including the channels and options of
\`plugins/messaging\`. [configuration.md](../configuration.md) explains them. Any string or number may come from the
environment, as \`\${NAME}\` or \`\${NAME:-default}\`. A key in **bold** is required in its mapping.

${sections.join('\n\n')}
`;
}

/** @returns a row per key: its path, whether it is required, its values, its default */
export const keysOf = (schema) => sectionsOf(schema).flatMap(({ rows }) => rows);

function sectionsOf({ properties, required }) {
  const { channels, plugins, ...own } = properties;
  return [
    ...Object.entries(own).map(([title, schema]) => ({ title, rows: rowsOf(schema, title, required.includes(title)) })),
    ...rules(channels.additionalProperties, 'type').map(({ value, schema }) => ({
      title: `channels, of type ${value}`,
      rows: rowsOf(schema, 'channels.NAME'),
    })),
    { title: 'plugins', rows: rowsOf(plugins.items, 'plugins[]') },
    ...rules(plugins.items, 'use')
      .map(({ value, schema }) => ({
        title: `plugins, options of ${value.replace('./', '')}`,
        rows: rowsOf(schema.properties.options, 'plugins[].options'),
      }))
      .filter(({ rows }) => rows.length > 0),
  ];
}

/** The rules that apply if `key` has a certain value. */
const rules = ({ allOf = [] }, key) =>
  allOf.map((rule) => ({ value: rule.if.properties[key].const, schema: rule.then }));

/** The rows of a schema. */
function rowsOf(given, path, isNeeded = false) {
  const schema = plain(given);
  if (isForms(schema)) return joined(schema.oneOf.map((form) => ({ form, rows: rowsOf(form, path) })));
  if (schema.properties === undefined || isSecret(schema)) {
    return [{ path, isNeeded, takes: takes(schema), fallback: schema.default }];
  }
  const { required = [] } = schema;
  return Object.entries(schema.properties).flatMap(([name, one]) =>
    rowsOf(one, `${path}.${name}`, required.includes(name)),
  );
}

/** Removes the alternative of an environment variable. */
function plain(schema) {
  const choices = schema.anyOf?.filter(({ pattern }) => !pattern?.startsWith('\\$\\{'));
  return choices?.length === 1 ? { ...schema, anyOf: undefined, ...choices[0] } : schema;
}

/** Mappings of several forms, distinguished by one key. */
const isForms = ({ oneOf }) => oneOf?.every(({ properties }) => properties !== undefined) ?? false;

const isSecret = ({ anyOf }) => anyOf?.some(({ properties }) => properties?.file !== undefined) ?? false;

/** Merges the rows of several forms, and names the forms of keys that not all have. */
function joined(forms) {
  const keys = new Map();
  for (const { form, rows } of forms) {
    for (const row of rows) {
      const known = keys.get(row.path) ?? { ...row, choices: new Set(), forms: [] };
      known.choices.add(row.takes);
      known.forms.push(nameOf(form));
      keys.set(row.path, known);
    }
  }
  return [...keys.values()].map(({ choices, forms: having, ...row }) => ({
    ...row,
    takes: [...choices].join(', ') + (having.length === forms.length ? '' : `; for ${having.join(', ')}`),
  }));
}

const nameOf = ({ properties }) => Object.values(properties).find((one) => one.const !== undefined).const;

function takes(schema) {
  const { type, enum: names, const: only, items, pattern } = schema;
  if (isSecret(schema)) return 'a secret';
  if (only !== undefined) return `\`${only}\``;
  if (names !== undefined) return names.map((name) => `\`${name}\``).join(', ');
  if (type === 'array') return `a list: ${takes(plain(items))}`;
  if (type === 'integer' || type === 'number') return `a ${type === 'integer' ? 'whole ' : ''}number${range(schema)}`;
  if (type === 'boolean') return '`true`, `false`';
  if (pattern !== undefined) return `a string that matches \`${pattern}\``;
  if (schema.additionalProperties?.properties !== undefined) return 'mappings by name';
  return type === 'string' ? 'a string' : 'defined by the plugin';
}

/** The largest safe integer is not shown as a limit. */
function range({ minimum, exclusiveMinimum, maximum }) {
  const from = minimum ?? exclusiveMinimum;
  const to = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  const over = minimum === undefined ? 'above' : 'from';
  return [from === undefined ? '' : ` ${over} ${from}`, to === undefined ? '' : ` to ${to}`].join('');
}

function table(rows) {
  const lines = rows.map(({ path, isNeeded, takes, fallback }) => [
    isNeeded ? `**\`${path}\`**` : `\`${path}\``,
    takes,
    fallback === undefined ? '' : `\`${fallback}\``,
  ]);
  return ['| key | value | default |', '| --- | --- | --- |', ...lines.map((cells) => `| ${cells.join(' | ')} |`)].join(
    '\n',
  );
}
