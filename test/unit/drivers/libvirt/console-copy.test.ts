import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ConsoleCopy } from '../../../../drivers/libvirt/console-copy.ts';
import { scratchFolder } from '../../../support/scratch.ts';
import { poolTable, virshAnswers } from '../../../support/virsh-answers.ts';

const VOLUME = '/images/vmtest-abcdefgh-console.log';
const POOLS = {
  'pool-list': poolTable('default'),
  'pool-dumpxml --pool default': '<pool><target><path>/images</path></target></pool>',
  'pool-refresh --pool default': '',
};

test('the whole log is there at the end, also when the pool has not seen it yet', async () => {
  const file = join(await scratchFolder(), 'console.log');
  const download = `vol-download --vol ${VOLUME} --file ${file}.part`;
  let tries = 0;
  const { context, asked } = virshAnswers({
    ...POOLS,
    get [download]() {
      tries += 1;
      return tries === 1 ? { stderr: 'error: Storage volume not found' } : '';
    },
  });
  await writeFile(`${file}.part`, 'ready\n');
  const copy = new ConsoleCopy(VOLUME, file);
  copy.begin(context);
  await copy.end(context);
  expect(await readFile(file, 'utf8')).toBe('ready\n');
  expect(asked).toContain('pool-refresh --pool default');
});

test('a log that cannot be had is said, and is no error', async () => {
  const file = join(await scratchFolder(), 'console.log');
  const { context } = virshAnswers({
    ...POOLS,
    [`vol-download --vol ${VOLUME} --file ${file}.part`]: { stderr: 'error: Storage volume not found' },
  });
  const said: string[] = [];
  const host = { ...context.host, log: (message: string) => said.push(message) };
  await new ConsoleCopy(VOLUME, file).end({ ...context, host });
  expect(said).toEqual([expect.stringContaining('could not be copied')]);
});
