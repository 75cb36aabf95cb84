/** A variable that a text asks for and that is not set. */
export class MissingVariable extends Error {
  override readonly name = 'MissingVariable';
  constructor(readonly variable: string) {
    super(
      `needs the environment variable ${variable}, which is not set: set it, or write \${${variable}:-default} for a default`,
    );
  }
}

const REFERENCE = /\$(\$\{)|\$\{([A-Za-z_]\w*)(?::-((?:[^}\\]|\\.)*))?\}/g;

/** Replaces `${NAME}` and `${NAME:-default}`; `$${` stands for `${` itself. @throws MissingVariable */
export function substitute(text: string, env: NodeJS.ProcessEnv): string {
  return text.replaceAll(
    REFERENCE,
    (_whole, escaped: string | undefined, name: string, fallback: string | undefined) => {
      if (escaped !== undefined) return '${';
      const value = env[name];
      if (value !== undefined && (value !== '' || fallback === undefined)) return value;
      if (fallback === undefined) throw new MissingVariable(name);
      return fallback;
    },
  );
}

export const hasReference = (text: string): boolean => text.includes('${');
