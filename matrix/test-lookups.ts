/** What can be said about the `test` section before there are cells. */
import { axisVariable, CELL_VARIABLES } from './cell-id.ts';
import { type Context, type Contexts, valuesContext } from './contexts.ts';
import { hasLookup } from './expressions.ts';
import { asRecord } from './file-lookups.ts';
import type { Report } from './report.ts';
import type { Issue } from './schema-check.ts';
import type { Secrets } from './secrets.ts';
import { substituteTree } from './substitute.ts';
import { shellIssues } from './test-spec.ts';

/** Names that look-ups may use; undefined when what they come from is not sound. */
export interface Known {
  matrix: ReadonlySet<string> | undefined;
  target: ReadonlySet<string> | undefined;
}

/** Every look-up of the section, whether or not a cell will use it; fixed shells; variables that vmtest sets itself. */
export function checkTest(
  test: unknown,
  known: Known,
  contexts: Contexts,
  secrets: Secrets,
  report: Report,
): void {
  const all = {
    matrix: nameContext('matrix', known.matrix),
    target: nameContext('target', known.target),
    ...contexts,
  };
  substituteTree(test, ['test'], all, (path, { text, lookedUp, faults }) => {
    for (const { index, message, hint } of faults) report.add({ path, at: index, message, hint });
    secrets.saw(path, text, lookedUp);
  });
  const { shell, env } = asRecord(test);
  report.addUnlessKnown(
    ...fixedShellIssues(shell),
    ...variableIssues(Object.keys(asRecord(env)), known.matrix),
  );
}

function nameContext(name: 'matrix' | 'target', known: ReadonlySet<string> | undefined): Context {
  if (known) return valuesContext(name, {}, known);
  return { get: () => '', unknown: () => ({ message: '' }) };
}

function fixedShellIssues(shell: unknown): Issue[] {
  const texts: [string[], unknown][] =
    typeof shell === 'string'
      ? [[['test', 'shell'], shell]]
      : Object.entries(asRecord(shell)).map(([os, text]) => [['test', 'shell', os], text]);
  return texts.flatMap(([path, text]) =>
    typeof text === 'string' && text !== '' && !hasLookup(text) ? shellIssues(text, path) : [],
  );
}

function variableIssues(names: readonly string[], matrix: Known['matrix']): Issue[] {
  const own = new Set<string>([...CELL_VARIABLES, ...[...(matrix ?? [])].map(axisVariable)]);
  return names
    .filter((name) => own.has(name))
    .map((name) => ({ path: ['test', 'env', name], at: 'key', message: `vmtest sets \`${name}\` itself` }));
}
