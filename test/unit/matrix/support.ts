/** Loads matrix files from text, with engines that are enough to show everything. */
import { engineSchemas } from '../../../drivers/registry.ts';
import type { EngineSchema, EngineSchemas } from '../../../matrix/engine-schema.ts';
import { type LoadOptions, type LoadResult, loadMatrix } from '../../../matrix/load-matrix.ts';
import type { Cell, Matrix } from '../../../matrix/model.ts';
import { formatProblems } from '../../../matrix/problems.ts';

/** An engine that runs existing machines, as the desktop ones do: it needs the name of a snapshot. */
const machines = {
  description: 'Machines that exist already.',
  defaults: {},
  target: {
    type: 'object',
    additionalProperties: false,
    required: ['vm'],
    properties: {
      vm: { type: 'string', minLength: 1, description: 'Name of the machine.' },
      linked: { type: 'boolean', default: true, description: 'Linked clones.' },
    },
  },
} as const satisfies EngineSchema;

export const engines: EngineSchemas = { ...engineSchemas(), machines, others: machines };

export function load(text: string, options: Partial<LoadOptions> = {}): LoadResult {
  return loadMatrix(text, {
    file: 'vmtest.yml',
    path: '/project/vmtest.yml',
    engines,
    env: {},
    home: '/home/me',
    ...options,
  });
}

/** The matrix of a file that must be right. */
export function matrixOf(text: string, options?: Partial<LoadOptions>): Matrix {
  const { matrix, problems } = load(text, options);
  if (matrix) return matrix;
  throw new Error(`not a good file:\n${formatProblems(problems ?? [], text)}`);
}

/** What is printed about a file that must be wrong. */
export function printed(text: string, options?: Partial<LoadOptions>): string {
  const { problems } = load(text, options);
  if (problems) return formatProblems(problems, text);
  throw new Error('the file has no problems');
}

/** `line:column message` of each problem. */
export function faults(text: string, options?: Partial<LoadOptions>): string[] {
  return (load(text, options).problems ?? []).map(
    ({ line, column, message }) => `${line}:${column} ${message}`,
  );
}

/** A file with one fake target `t` (or the given targets), a trivial test, and whatever `rest` says. */
export function file(rest = '', targets = 't: { engine: fake }'): string {
  return `version: 1\ntargets: { ${targets} }\ntest: { run: make check }\n${rest}`;
}

export function idsOf(text: string): string[] {
  return matrixOf(text).cells.map(({ id }) => id);
}

export function firstCell(text: string, options?: Partial<LoadOptions>): Cell {
  return matrixOf(text, options).cells[0] as Cell;
}
