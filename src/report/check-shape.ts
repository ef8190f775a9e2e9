/** What comes from disk against the published schemas, part by part: no file is held in memory whole for it. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { VmtestError } from '../host/errors.ts';
import type { EventRecord } from '../results/events-schema.ts';
import { EVENTS_SCHEMA, EVENTS_VERSION } from '../results/events-schema.ts';
import type { CellResult, RunResult } from '../results/model.ts';
import { RESULTS_SCHEMA } from '../results/schema.ts';

const RESULTS_VERSION = RESULTS_SCHEMA.properties.version.const;

const ajv = new Ajv2020();
const compiled = new Map<object, ValidateFunction>();

/** All of `results.json` but its cells. */
export function checkHead(value: unknown): Omit<RunResult, 'cells'> {
  checkVersion(value, RESULTS_VERSION, 'results');
  const { cells: _cells, ...rest } = value as RunResult;
  check(RESULTS_SCHEMA, { ...rest, cells: [] }, '');
  return rest;
}

/** @param index its place in the file, for the error. */
export function checkCell(value: unknown, index: number): CellResult {
  const id = (value as Partial<CellResult> | null)?.id;
  check(
    RESULTS_SCHEMA.properties.cells.items,
    value,
    `cell ${index + 1}${id === undefined ? '' : ` (${id})`}: `,
  );
  return value as CellResult;
}

/** @param line its number in the file, from 1. */
export function checkEvent(value: unknown, line: number): EventRecord {
  if ((value as EventRecord).type === 'run:start') checkVersion(value, EVENTS_VERSION, 'events');
  check(EVENTS_SCHEMA, value, `line ${line}: `);
  return value as EventRecord;
}

/** The version decides before the schema does: what a newer vmtest wrote has every right not to fit ours. */
function checkVersion(value: unknown, ours: number, what: string): void {
  const version = (value as { version?: unknown } | null)?.version;
  if (typeof version !== 'number')
    throw invalid(`it has no \`version\`, so it is not what vmtest calls ${what}`);
  if (version <= ours) return;
  throw new VmtestError(
    'RESULTS_TOO_NEW',
    `it has version ${version} of the format; this vmtest reads ${ours}`,
    {
      hint: 'Update vmtest here: a newer one wrote it.',
    },
  );
}

function check(schema: object, value: unknown, where: string): void {
  const validate = compiled.get(schema) ?? ajv.compile(schema);
  compiled.set(schema, validate);
  if (!validate(value)) throw invalid(where + inWords(validate.errors?.at(-1)));
}

function inWords(error: ErrorObject | undefined): string {
  const { instancePath = '', message = 'it does not fit', params } = error ?? {};
  const key = params?.['additionalProperty'];
  return `${instancePath || 'the top level'} ${message}${key === undefined ? '' : ` (${JSON.stringify(key)})`}`;
}

function invalid(why: string): VmtestError {
  return new VmtestError('RESULTS_INVALID', `it does not fit the published schema: ${why}`, {
    hint: 'Was it edited, or written by another version of vmtest? The schemas are in the folder `schema` of the package.',
  });
}
