import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createLeases } from '../../../src/host/leases.ts';
import { scratchFolder } from '../../support/scratch.ts';

const wanted = { run: 'r1', engine: 'fake', target: 'debian', cell: 'debian/node=22', attempt: 1 };

test('is on disk with its folder before anything else, and gone after its end', async () => {
  const state = await scratchFolder();
  const lease = await createLeases(state).begin(wanted);
  expect(lease.record.id).toMatch(/^[a-z0-9]{8}$/);
  await access(lease.record.folder);
  const { leases } = await createLeases(state).list();
  expect(leases).toMatchObject([{ owner: 'alive', record: { ...wanted, id: lease.record.id } }]);

  await lease.end();
  await expect(access(lease.record.folder)).rejects.toThrow('ENOENT');
  expect((await createLeases(state).list()).leases).toEqual([]);
});

test('keeps the notes of steps that run side by side', async () => {
  const state = await scratchFolder();
  const lease = await createLeases(state).begin(wanted);
  await Promise.all(Array.from({ length: 20 }, (_, index) => lease.note({ [`fact${index}`]: index })));
  const onDisk = JSON.parse(await readFile(join(state, 'leases', `${lease.record.id}.json`), 'utf8'));
  expect(Object.keys(onDisk.facts)).toHaveLength(20);
});

test('sets damaged and forged records aside, and reads the others', async () => {
  const state = await scratchFolder();
  const leases = createLeases(state);
  const good = await leases.begin(wanted);
  const forged = { ...good.record, folder: '/etc' };
  await mkdir(join(state, 'leases'), { recursive: true });
  await writeFile(join(state, 'leases', 'damaged1.json'), '{"version":1,');
  await writeFile(join(state, 'leases', 'forged11.json'), JSON.stringify(forged));

  const listed = await leases.list();
  expect(listed.leases.map(({ record }) => record.id)).toEqual([good.record.id]);
  expect(listed.unreadable).toEqual([
    expect.stringMatching(
      /damaged1\.json was damaged, and is set aside as .*damaged1\.json\.[0-9a-f]{8}\.damaged: /,
    ),
    expect.stringMatching(/forged11\.json was damaged/),
  ]);
  expect((await leases.list()).unreadable).toEqual([]);
});

test('knows none where nothing was ever leased', async () => {
  expect(await createLeases(join(await scratchFolder(), 'absent')).list()).toEqual({
    leases: [],
    unreadable: [],
  });
});

test('is noted nothing in after its end: what a late step would make, nobody would find', async () => {
  const state = await scratchFolder();
  const leases = createLeases(state);
  const lease = await leases.begin(wanted);
  await lease.end();
  await expect(lease.note({ clone: 'late' })).rejects.toMatchObject({ code: 'LEASE_ENDED' });
  expect(await readdir(join(state, 'leases'))).toEqual([]);
});

test('leaves no record when its folder cannot be made', async () => {
  const state = await scratchFolder();
  await writeFile(join(state, 'machines'), 'a file where a folder should be');
  await expect(createLeases(state).begin(wanted)).rejects.toMatchObject({ code: 'FILE_NOT_WRITTEN' });
  expect(await readdir(join(state, 'leases'))).toEqual([]);
});
