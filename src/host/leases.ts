/** The record of what this host runs for whom. One JSON file a lease, one folder a machine; see `LeaseRecord`. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from './atomic-write.ts';
import type { Lease, LeaseRecord, Leases, ListedLease } from './host.ts';
import { namesIn } from './names-in.ts';
import { liveness, ownIdentity } from './process-identity.ts';

export function createLeases(state: string): Leases {
  const records = join(state, 'leases');
  const machines = join(state, 'machines');
  const pathOf = (id: string) => join(records, `${id}.json`);
  const save = (record: LeaseRecord) => writeAtomic(pathOf(record.id), `${JSON.stringify(record)}\n`);
  const forget = async (record: LeaseRecord) => {
    // The folder first: a record without folder is harmless, a folder without record is lost.
    await rm(record.folder, { recursive: true, force: true });
    await rm(pathOf(record.id), { force: true });
  };

  return {
    begin: async (wanted) => {
      const id = newId();
      const record: LeaseRecord = {
        version: 1,
        id,
        ...wanted,
        owner: ownIdentity(),
        created: new Date().toISOString(),
        folder: join(machines, id),
        facts: {},
      };
      await mkdir(records, { recursive: true, mode: 0o700 });
      await save(record);
      await mkdir(record.folder, { recursive: true, mode: 0o700 });
      return createLease(record, save, forget);
    },
    list: () => listLeases(records, machines),
    forget,
  };
}

function createLease(
  record: LeaseRecord,
  save: (record: LeaseRecord) => Promise<void>,
  forget: (record: LeaseRecord) => Promise<void>,
): Lease {
  // Notes come from steps that run side by side: one write after another, each with all that is known by then.
  let writing = Promise.resolve();
  const write = () => {
    writing = writing.then(() => save(record));
    return writing;
  };
  return {
    record,
    note: (facts) => {
      Object.assign(record.facts, facts);
      return write();
    },
    keep: (kept) => {
      record.kept = kept;
      return write();
    },
    end: async () => {
      await writing.catch(() => {});
      await forget(record);
    },
  };
}

async function listLeases(records: string, machines: string): ReturnType<Leases['list']> {
  const leases: ListedLease[] = [];
  const unreadable: string[] = [];
  for (const name of await namesIn(records)) {
    if (!name.endsWith('.json')) continue;
    const path = join(records, name);
    const record = await readRecord(path, machines);
    if (record === 'gone') continue;
    if (record === 'damaged') {
      await rename(path, `${path}.damaged`);
      unreadable.push(`${path}.damaged`);
    } else {
      leases.push({ record, owner: liveness(record.owner) });
    }
  }
  return { leases, unreadable };
}

async function readRecord(path: string, machines: string): Promise<LeaseRecord | 'gone' | 'damaged'> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'gone';
    throw error;
  }
  try {
    const record = JSON.parse(text) as LeaseRecord;
    return isRecord(record, machines) ? record : 'damaged';
  } catch {
    return 'damaged';
  }
}

/** A record steers what gets deleted, so its id and folder must be what this program writes. */
function isRecord(record: LeaseRecord, machines: string): boolean {
  return (
    record.version === 1 &&
    /^[a-z0-9]{8}$/.test(record.id) &&
    record.folder === join(machines, record.id) &&
    typeof record.engine === 'string' &&
    typeof record.owner?.pid === 'number' &&
    typeof record.facts === 'object'
  );
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

function newId(): string {
  return Array.from(randomBytes(8), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
}
