const MODELINE = /^# yaml-language-server: .*\$schema=.*/;

/** A YAML text whose first line names its schema for editors. */
export function withModeline(text: string, schema: string): string {
  const line = `# yaml-language-server: $schema=${schema}`;
  return MODELINE.test(text) ? text.replace(MODELINE, () => line) : `${line}\n${text}`;
}
