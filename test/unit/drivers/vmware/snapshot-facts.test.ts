import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseDictionary } from '../../../../drivers/vmware/dictionary.ts';
import type { TreeEntry } from '../../../../drivers/vmware/parse.ts';
import { describeSnapshots, snapshotRecords } from '../../../../drivers/vmware/snapshot-facts.ts';
import { nameProblem } from '../../../../drivers/vmware/snapshot-names.ts';
import { scratchFolder } from '../../../support/scratch.ts';

/** As Workstation writes it; the third was taken while the VM ran. */
const vmsd = `.encoding = "UTF-8"
snapshot.lastUID = "4"
snapshot.current = "4"
snapshot0.uid = "1"
snapshot0.filename = "vm-Snapshot1.vmsn"
snapshot0.displayName = "base"
snapshot0.createTimeHigh = "388745"
snapshot0.createTimeLow = "1991180826"
snapshot0.numDisks = "1"
snapshot.numSnapshots = "3"
snapshot1.uid = "2"
snapshot1.filename = "vm-Snapshot2.vmsn"
snapshot1.parent = "1"
snapshot1.displayName = "|22clean|22"
snapshot1.createTimeHigh = "388801"
snapshot1.createTimeLow = "-814770620"
snapshot2.uid = "4"
snapshot2.filename = "vm-Snapshot4.vmsn"
snapshot2.parent = "2"
snapshot2.displayName = "live"
snapshot2.type = "1"
snapshot2.createTimeHigh = "388802"
snapshot2.createTimeLow = "5"
`;
const records = (text: string) => snapshotRecords(parseDictionary(Buffer.from(text)));
const entry = (path: string): TreeEntry => ({ name: path.split('/').at(-1) ?? '', path });

describe('the .vmsd file', () => {
  test('tells paths, times and what was taken with memory', () => {
    expect(records(vmsd)).toEqual([
      { path: 'base', uid: '1', created: '388745:1991180826', file: 'vm-Snapshot1.vmsn', withMemory: false },
      {
        path: 'base/"clean"',
        uid: '2',
        created: '388801:-814770620',
        file: 'vm-Snapshot2.vmsn',
        withMemory: false,
      },
      {
        path: 'base/"clean"/live',
        uid: '4',
        created: '388802:5',
        file: 'vm-Snapshot4.vmsn',
        withMemory: true,
      },
    ]);
  });

  test('a circle of parents ends', () => {
    const circle =
      'snapshot0.uid = "1"\nsnapshot0.parent = "2"\nsnapshot1.uid = "2"\nsnapshot1.parent = "1"\n';
    expect(records(circle)).toHaveLength(2);
  });

  test.each(['', 'garbage', '\0\0\0', 'snapshot0.displayName = "no uid"'])('%j has none', (text) => {
    expect(records(text)).toEqual([]);
  });
});

describe('together with what vmrun lists', () => {
  test('facts go to the snapshot of the same path', async () => {
    const tree = ['base', 'base/"clean"', 'base/"clean"/live'].map(entry);
    const described = await describeSnapshots('/nowhere/vm.vmx', tree, records(vmsd));
    expect(described.map(({ id, live, stamp }) => [id, live, stamp])).toEqual([
      ['base', false, '1 388745:1991180826'],
      ['base/"clean"', false, '2 388801:-814770620'],
      ['base/"clean"/live', true, '4 388802:5'],
    ]);
  });

  test('a memory file beside the state tells of memory too', async () => {
    const folder = join(await scratchFolder(), 'vm');
    await mkdir(folder);
    await writeFile(join(folder, 'vm-Snapshot1.vmem'), '');
    const [base] = await describeSnapshots(join(folder, 'vm.vmx'), [entry('base')], records(vmsd));
    expect(base?.live).toBe(true);
  });

  test('two of the same path get each their own facts, and the same id', async () => {
    const twins =
      'snapshot0.uid = "1"\nsnapshot0.displayName = "a"\nsnapshot1.uid = "2"\nsnapshot1.displayName = "a"\n';
    const described = await describeSnapshots('/nowhere/vm.vmx', [entry('a'), entry('a')], records(twins));
    expect(described.map(({ id, stamp }) => [id, stamp])).toEqual([
      ['a', '1 :'],
      ['a', '2 :'],
    ]);
  });

  test('without the file there are still names', async () => {
    expect(await describeSnapshots('/nowhere/vm.vmx', [entry('a')], [])).toEqual([
      { id: 'a', name: 'a', path: 'a', live: false, stamp: 'a' },
    ]);
  });
});

describe('names that vmrun cannot be told', () => {
  const snapshot = (path: string, name = entry(path).name) => ({
    id: path,
    name,
    path,
    live: false,
    stamp: '',
  });
  const [root, below, slash] = [snapshot('clean'), snapshot('base/clean'), snapshot('a/b', 'a/b')];

  test('a slash, and a root whose name another one has', () => {
    expect(nameProblem(slash, [slash])).toMatchObject({ code: 'VMWARE_SNAPSHOT_NAME' });
    expect(nameProblem(root, [root, below])).toMatchObject({ code: 'VMWARE_SNAPSHOT_NAME' });
  });

  test('all others are fine', () => {
    expect(nameProblem(below, [root, below])).toBeUndefined();
    expect(nameProblem(root, [root])).toBeUndefined();
  });
});
