import { z } from 'esp-host';
import { AdminError } from '../../errors.js';
import { readText, replaceText } from '../../runtime/index.js';
import { mistakesIn, schemaOf, shownPath, type UsedFile, usedFile, usedFiles } from '../files.js';
import { type Route, type RouteContext, route } from '../route.js';
import { fileProblem, jsonSchema } from '../schemas.js';

/** The longest text that can be saved, in characters. */
const TEXT_MAX = 4 << 20;

const file = z
  .strictObject({
    id: z.string(),
    path: z.string(),
    kind: z.enum(['stubs', 'http-stubs', 'strategy']),
    owners: z.array(z.string()).describe('The stubbed applications, or for http-stubs the stubbed upstreams.'),
    problems: z.array(fileProblem).describe('Of a stub file that changed. The stubs of its previous version stay.'),
  })
  .meta({ id: 'File' });

export const files = z.array(file);

const digest = z.string().describe('Tells one version of the file from another.');

export const content = z.strictObject({
  file,
  text: z.string().describe('As on the disk: environment variables are not replaced, and nothing is masked.'),
  digest,
  schema: jsonSchema(),
});

export const checked = z.strictObject({
  problems: z.array(fileProblem).describe('As esp-host check reports them; empty if the text is valid.'),
});

const text = z.string().max(TEXT_MAX);
const params = z.strictObject({ id: z.string() });

export function fileRoutes({ platform, changed }: RouteContext): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/files',
      summary: 'The files that can be edited: the stub files of platform.yaml, and its strategies.',
      answer: files,
      handle: () => usedFiles(platform).map(view),
    }),
    route({
      method: 'GET',
      path: '/api/files/:id',
      summary: 'A file, and its text.',
      params,
      answer: content,
      handle: ({ params: { id } }) => {
        const found = usedFile(platform, id);
        return { file: view(found), ...readText(found.path), schema: schemaOf(found.kind) };
      },
    }),
    route({
      method: 'POST',
      path: '/api/files/:id/check',
      summary: 'Checks a text for a file, and changes nothing.',
      params,
      body: z.strictObject({ text }),
      answer: checked,
      handle: ({ params: { id }, body }) => ({
        problems: [...(mistakesIn(usedFile(platform, id), body.text)?.problems ?? [])],
      }),
    }),
    route({
      method: 'PUT',
      path: '/api/files/:id',
      summary: 'Saves a file. 400 if the text has mistakes, 409 if the file has changed since it was read.',
      params,
      body: z.strictObject({ text, digest: digest.describe('Of the version that was read.') }),
      answer: z.strictObject({ digest }),
      handle: async ({ params: { id }, body }) => {
        const found = usedFile(platform, id);
        const mistakes = mistakesIn(found, body.text);
        if (mistakes !== undefined) throw new AdminError(400, mistakes.message);
        const saved = replaceText(found.path, body.text, body.digest);
        if (found.kind === 'strategy') changed('files');
        else await platform.stubFiles.reload();
        return { digest: saved };
      },
    }),
  ];
}

const view = ({ path, owners, problems, ...rest }: UsedFile): z.input<typeof file> => ({
  ...rest,
  path: shownPath(path),
  owners: [...owners],
  problems: problems.map((problem) => ({ ...problem, file: shownPath(problem.file) })),
});
