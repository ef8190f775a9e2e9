import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { namesIn } from '../../../src/host/names-in.ts';
import { ownIdentity, tagOf } from '../../../src/host/process-identity.ts';
import { removeUnfinished, temporaryName } from '../../../src/host/temporary.ts';
import { endedProcessId } from '../../support/processes.ts';
import { scratchFolder } from '../../support/scratch.ts';

test('what a dead process had half written goes, and nothing else', async () => {
  const folder = await scratchFolder();
  const own = ownIdentity();
  const ours = basename(temporaryName(join(folder, 'a.json')));
  const by = (identity: typeof own) => ours.replace(tagOf(own), tagOf(identity));
  const dead = by({ ...own, pid: await endedProcessId() });
  const usedAgain = by({ ...own, start: '1' });
  const elsewhere = by({ ...own, boot: 'elsewhere|0|0' });
  const names = ['a.json', 'notes.tmp', ours, dead, usedAgain, elsewhere];
  for (const name of names) await writeFile(join(folder, name), '');

  const abandoned = [dead, usedAgain].map((name) => join(folder, name)).sort();
  expect((await removeUnfinished(folder, { dryRun: true })).sort()).toEqual(abandoned);
  expect(await namesIn(folder)).toHaveLength(names.length);
  expect(await removeUnfinished(folder, { of: 'b.json' })).toEqual([]);
  expect((await removeUnfinished(folder)).sort()).toEqual(abandoned);
  expect((await namesIn(folder)).sort()).toEqual(['a.json', ours, elsewhere, 'notes.tmp'].sort());
  expect(await removeUnfinished(join(folder, 'nowhere'))).toEqual([]);
});
