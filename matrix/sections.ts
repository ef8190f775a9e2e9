/** The sections of the file against their schema. */
import { hasLookup } from './expressions.ts';
import type { Filled } from './file-lookups.ts';
import { suggest } from './nearest.ts';
import type { Path } from './place.ts';
import type { Report } from './report.ts';
import { retype } from './retype.ts';
import { fileSchema, type RawFile } from './schema/file.ts';
import { compileCheck, type Issue } from './schema-check.ts';
import { withDefaults } from './schema-walk.ts';

const check = compileCheck(fileSchema);

/** Every optional section that has keys with defaults. */
export type CompleteFile = RawFile & Required<Pick<RawFile, 'limits' | 'retries' | 'timeouts'>>;

/** All but the inside of targets. The answer has its defaults; what the report does not find sound is as written. */
export function checkSections({ file, isSoleLookup }: Filled, report: Report): CompleteFile {
  const value = retype(file, fileSchema, isSoleLookup, []);
  report.addUnlessKnown(...check(value).filter(({ path }) => !isLeftToCells(path, value)));
  return withDefaults(
    { limits: {}, retries: {}, timeouts: {}, ...(value as object) },
    fileSchema,
  ) as CompleteFile;
}

/** Texts of `test` that look something up get their type in each cell. */
function isLeftToCells(path: Path, file: unknown): boolean {
  const text = path[0] === 'test' ? valueAt(file, path) : undefined;
  return typeof text === 'string' && hasLookup(text);
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) => (value as Record<string | number, unknown> | null)?.[part],
    root,
  );
}

/** Limits of engines that do not exist. */
export function limitIssues(
  { engines: limited }: CompleteFile['limits'],
  engines: readonly string[],
): Issue[] {
  return Object.keys(limited)
    .filter((name) => !engines.includes(name))
    .map((name) => ({
      path: ['limits', 'engines', name],
      at: 'key',
      message: `no engine is called \`${name}\``,
      hint: () => suggest(name, engines, 'engines'),
    }));
}
