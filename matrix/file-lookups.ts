/** Look-ups in all sections but `test`, which is resolved per cell. */
import { type Contexts, envContext, varsContext } from './contexts.ts';
import { soleLookup } from './expressions.ts';
import { type Path, pathKey } from './place.ts';
import type { Report } from './report.ts';
import type { Secrets } from './secrets.ts';
import { type OnSubstituted, substituteTree } from './substitute.ts';

export interface Filled {
  /** The file with look-ups replaced; `test` as written. */
  file: Record<string, unknown>;
  /** Values that were nothing but a look-up, and so may stand for a number or a boolean. */
  isSoleLookup(path: Path): boolean;
  /** `vars` and `env`, for the cells. */
  contexts: Contexts;
}

/** These are read before anything can be looked up. */
const LITERAL = ['version', 'secrets'];

export function fillLookups(
  written: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string | undefined>>,
  secrets: Secrets,
  report: Report,
): Filled {
  const sole = new Set<string>();
  const seen: OnSubstituted = (path, result, text) => {
    for (const { index, message, hint } of result.faults) report.add({ path, at: index, message, hint });
    if (result.faults.length > 0) return;
    if (soleLookup(text)) sole.add(pathKey(path));
    const secret = secrets.saw(path, result.text, result.lookedUp);
    if (secret && path[0] === 'matrix') report.add(shownSecret(path));
  };
  const fill = (section: string, contexts: Contexts) =>
    substituteTree(written[section], [section], contexts, seen);
  const vars = fill('vars', { env: envContext(env) });
  const contexts = { vars: varsContext(asRecord(vars)), env: envContext(env) };
  const file = Object.fromEntries(
    Object.keys(written).map((section) => {
      if (section === 'vars') return [section, vars];
      if (section === 'test') return [section, written['test']];
      return [section, fill(section, LITERAL.includes(section) ? {} : contexts)];
    }),
  );
  return { file, contexts, isSoleLookup: (path) => sole.has(pathKey(path)) };
}

function shownSecret(path: Path) {
  return {
    path,
    message: 'values of the matrix are shown in names and reports: a secret cannot be one',
    hint: 'look it up under `test.env` instead',
  };
}

export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
