/** What counts as a lease's record. It steers what gets deleted, so it must be just what this program writes. */
import { join } from 'node:path';
import type { LeaseRecord, ProcessIdentity } from './host.ts';
import { isObject, isText } from './shapes.ts';

/** @param id as the file's name has it. @param machines the folder of all machines. */
export function parseRecord(value: unknown, id: string, machines: string): LeaseRecord | undefined {
  if (!isObject(value)) return undefined;
  const record = value as unknown as LeaseRecord;
  const isWhole =
    record.version === 1 &&
    /^[a-z0-9]{8}$/.test(id) &&
    record.id === id &&
    record.folder === join(machines, id) &&
    [record.run, record.engine, record.target, record.created].every(isText) &&
    isOptional(record.cell, isText) &&
    isOptional(record.attempt, isNatural) &&
    isOptional(record.kept, isKept) &&
    isIdentity(record.owner) &&
    isObject(record.facts);
  return isWhole ? record : undefined;
}

function isIdentity(value: unknown): value is ProcessIdentity {
  return (
    isObject(value) && isNatural(value['pid']) && isText(value['boot']) && isOptional(value['start'], isText)
  );
}

function isKept(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['reason']) &&
    Array.isArray(value['access']) &&
    value['access'].every(isText)
  );
}

/** From 1, as process ids and attempts are. */
function isNatural(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isOptional(value: unknown, is: (value: unknown) => boolean): boolean {
  return value === undefined || is(value);
}
