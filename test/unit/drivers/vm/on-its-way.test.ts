import { describe, expect, test } from 'vitest';
import { isAbout, untilDone } from '../../../../drivers/vm/on-its-way.ts';
import { commandOnItsWay, TOOL } from '../../../support/command-on-its-way.ts';
import { testHost } from '../../../support/test-host.ts';
import { never } from '../../../support/vm-cells.ts';

const vm = { id: '4711-uuid', name: 'my vm' };

describe('a command is about a VM', () => {
  test.each([
    ['by its name', ['virsh', 'start', 'my vm']],
    ['by its id', ['/usr/bin/virsh', '--quiet', 'start', '{4711-uuid}']],
    ['behind an interpreter', ['/bin/sh', '/usr/bin/virsh.exe', 'start', 'my vm']],
    ['by a path', ['virsh', 'define', '/somewhere/4711-uuid/domain.xml']],
  ])('%s', (_how, argv) => {
    expect(isAbout(argv, 'virsh', vm)).toBe(true);
  });

  test.each([
    ['of another VM', ['virsh', 'start', 'my vm 2']],
    ["of another program's", ['qemu-system-x86_64', '-name', 'my vm']],
    ['with the tool as a word', ['grep', '-r', '-i', 'virsh', 'my vm']],
    ['that has ended', ['']],
  ])('not one %s', (_how, argv) => {
    expect(isAbout(argv, 'virsh', vm)).toBe(false);
  });
});

test('waits for those on their way', async () => {
  const { id, name } = { id: `vmtest-${process.pid}`, name: 'x' };
  const endsBefore = await commandOnItsWay('start', id);
  const waited = untilDone({ tool: TOOL }, { id, name }, { host: await testHost(), signal: never });
  expect(await endsBefore(waited)).toBe(true);
  await waited;
});
