import { describe, expect, test } from 'vitest';
import { restoreProblem, restoresExternal } from '../../../../drivers/libvirt/restorable.ts';
import type { LibvirtSnapshot } from '../../../../drivers/libvirt/snapshots.ts';
import type { VmInfo } from '../../../../drivers/vm/control.ts';
import { type Answer, virshAnswers } from '../../../support/virsh-answers.ts';

/** As much of `capabilities` as anybody looks at: a guest for each architecture. */
const capabilities = (...features: string[]) =>
  `<capabilities>\n  <host/>\n${features.map((each) => `  <guest><features><deviceboot/>${each}</features></guest>\n`).join('')}</capabilities>\n\n`;
const OLD = capabilities('', '');
const NEW = capabilities('<externalSnapshot/>', '<externalSnapshot/>');

const vm = { id: 'a0d907d9-46f5-474c-a658-f1d6fe12c748', name: 'web', state: 'running' } as VmInfo;
const snapshot = (external: boolean): LibvirtSnapshot => ({
  id: 'clean',
  name: 'clean',
  path: 'clean',
  live: false,
  stamp: 'clean:1',
  external,
});

describe('a snapshot in the domain itself', () => {
  const problem = async (external: boolean, answer: Answer, memory = 'no') => {
    const { context, asked } = virshAnswers({
      capabilities: answer,
      [`snapshot-dumpxml --domain ${vm.id} --snapshotname clean`]: `<domainsnapshot><name>clean</name><memory snapshot='${memory}'/></domainsnapshot>`,
    });
    return { found: await restoreProblem(vm, snapshot(external), context), asked };
  };

  test('is restored when it lies inside its image, without a question', async () => {
    expect(await problem(false, OLD)).toEqual({ found: undefined, asked: [] });
  });

  test('is restored when it is external and libvirt says that it can', async () => {
    expect((await problem(true, NEW)).found).toBeUndefined();
  });

  test('is a problem where it is external and libvirt cannot: the way out is a clone', async () => {
    expect((await problem(true, OLD)).found).toEqual({
      code: 'LIBVIRT_EXTERNAL_SNAPSHOT',
      message: 'the snapshot "clean" is external, which this libvirt cannot restore in the domain itself',
      hint: 'Leave out `clone: none`: clones need no restore. libvirt 9.9 or later can restore it.',
    });
  });

  test('is a problem where it holds memory, which no clone can have', async () => {
    expect((await problem(true, OLD, 'external')).found?.hint).toContain('Take it with `--disk-only`');
  });

  test('is not judged where libvirt does not answer: that is the problem then', async () => {
    const gone = { stderr: "error: Failed to connect socket to '/s': Connection refused\n" };
    await expect(problem(true, gone)).rejects.toMatchObject({ code: 'LIBVIRT_NOT_RUNNING' });
  });
});

test.each([
  ['no guest says it', OLD, false],
  ['one of them says it', capabilities('', '<externalSnapshot/>'), true],
  ['all of them say it', NEW, true],
  ['there are no guests', capabilities(), true],
  ['it is no answer', 'Segmentation fault', true],
])('external snapshots are restored as far as is known, when %s', (_what, text, expected) => {
  expect(restoresExternal(text)).toBe(expected);
});
