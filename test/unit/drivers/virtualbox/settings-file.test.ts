import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseSnapshots, readSnapshots } from '../../../../drivers/virtualbox/settings-file.ts';
import { scratchFolder } from '../../../support/scratch.ts';

/** The parts of a real file that matter. */
const xml = `<?xml version="1.0"?>
<VirtualBox xmlns="http://www.virtualbox.org/" version="1.19-linux">
  <Machine uuid="{aaaa}" name="vm" currentSnapshot="{3}">
    <Snapshot uuid="{1}" name="we&quot;ird \\ n=ame &#xE9;" timeStamp="2026-11-21T16:23:00Z">
      <Description>&lt;Snapshot uuid="{9}" name="no"/&gt;</Description>
      <Hardware><Memory RAMSize="1024"/></Hardware>
      <Snapshots>
        <Snapshot uuid="{2}" name="x&#10;SnapshotName-1=&quot;fake&quot;" timeStamp="2026-11-21T16:23:01Z"/>
        <Snapshot uuid="{3}" name="live" timeStamp="2026-11-21T16:24:00Z" stateFile="Snapshots/a.sav"/>
      </Snapshots>
    </Snapshot>
  </Machine>
</VirtualBox>`;

describe('parseSnapshots', () => {
  it('reads names of all kinds, the tree, and which of them hold memory', () => {
    const root = 'we"ird \\ n=ame é';
    expect(parseSnapshots(xml)).toEqual([
      { id: '1', name: root, path: root, live: false, stamp: '1 2026-11-21T16:23:00Z' },
      expect.objectContaining({ id: '2', path: `${root}/x\nSnapshotName-1="fake"`, live: false }),
      expect.objectContaining({ id: '3', path: `${root}/live`, live: true }),
    ]);
  });

  it.each(['', 'not xml', '<VirtualBox><Machine/></VirtualBox>', '<Snapshot/>', '<Snapshot uuid="{1}"'])(
    'finds none in %j',
    (text) => {
      expect(parseSnapshots(text)).toEqual([]);
    },
  );
});

it('says which file cannot be read, and what to do', async () => {
  const file = join(await scratchFolder(), 'vm.vbox');
  await expect(readSnapshots(file)).rejects.toMatchObject({
    code: 'VIRTUALBOX_SETTINGS',
    message: expect.stringContaining(file),
    hint: expect.any(String),
  });
});
