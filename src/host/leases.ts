/** The record of what this host runs for whom. One JSON file a lease, one folder a machine; see `LeaseRecord`. */
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomic } from './atomic-write.ts';
import { VmtestError } from './errors.ts';
import type { Lease, LeaseRecord, Leases, ListedLease } from './host.ts';
import { parseRecord } from './lease-record.ts';
import { makeFolder } from './make-folder.ts';
import { namesIn } from './names-in.ts';
import { liveness, ownIdentity } from './process-identity.ts';
import { complaint, readStateFile } from './state-file.ts';

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
      await makeFolder(records);
      await save(record);
      try {
        await makeFolder(record.folder);
      } catch (error) {
        await rm(pathOf(id), { force: true }).catch(() => {});
        throw error;
      }
      return createLease(record, save, forget);
    },
    list: () => listLeases(records, machines),
    amend: (record, facts) => save({ ...record, facts: { ...record.facts, ...facts } }),
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
  let hasEnded = false;
  const write = () => {
    // A step that was given up goes on for a while; what it would make now, nobody would find.
    if (hasEnded) throw new VmtestError('LEASE_ENDED', `the lease ${record.id} has ended`);
    writing = writing.catch(() => {}).then(() => save(record));
    return writing;
  };
  return {
    record,
    note: async (facts) => {
      Object.assign(record.facts, facts);
      await write();
    },
    keep: async (kept) => {
      record.kept = kept;
      await write();
    },
    end: async () => {
      hasEnded = true;
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
    const id = name.slice(0, -'.json'.length);
    const file = await readStateFile(path, (text) => parseRecord(JSON.parse(text), id, machines));
    if (file.state === 'whole') leases.push({ record: file.value, owner: liveness(file.value.owner) });
    const trouble = complaint(path, file, `look for a machine called vmtest-${id} and remove it by hand`);
    if (trouble !== undefined) unreadable.push(trouble);
  }
  return { leases, unreadable };
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

function newId(): string {
  return Array.from(randomBytes(8), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
}
