/** Whole runs over lines that break: never a verdict of the test, and a clean machine for the next attempt. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { plan } from '../../../src/run/plan.ts';
import { run } from '../../../src/run/run.ts';
import { startSshServer } from '../../support/guest-ssh-server.ts';
import { tinyGuest } from '../../support/guests.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { testHost } from '../../support/test-host.ts';
import { type Line, overLines } from './broken-line.ts';

/** Bytes from the guest: more than a login and its answers, less than what the test prints, or leaves. */
const AFTER = 100_000;
/** The mark of an earlier attempt would let it pass in no time. */
const TEST = `if [ -e /root/mark ]; then echo "not clean"; exit 0; fi; touch /root/mark
if [ "$VMTEST_LINE" != half ]; then head -c 300000 /dev/zero | tr '\\0' x; echo; fi
head -c 300000 /dev/zero >big
exit 0`;

const LOST = { outcome: 'error', phase: 'run', error: { code: 'GUEST_CONNECTION_LOST' } };

test('a line that stalls, is cut, corrupts or leads elsewhere', async () => {
  const impostor = await startSshServer({ home: await scratchFolder() });
  const folder = await scratchFolder();
  const { kernel, initrd, append, key } = await tinyGuest();
  const file = join(folder, 'matrix.yml');
  const guest = { user: 'root', key, channel: 'ssh' };
  const matrix = {
    version: 1,
    targets: { tiny: { engine: 'qemu', kernel, initrd, append, memory: '128M', guest } },
    matrix: { target: ['tiny'], line: ['stall', 'cut', 'half', 'corrupt', 'once', 'impostor'] },
    test: { run: TEST, artifacts: ['big'] },
    limits: { jobs: 2 },
    retries: { error: 1 },
  };
  await writeFile(file, JSON.stringify(matrix));
  const host = await testHost();
  const lineOf = (cell: string, attempt: number): Line => {
    const line = cell.replace('tiny/line=', '');
    if (line === 'impostor') return impostor;
    if ((line === 'once' || line === 'stall') && attempt > 1) return undefined;
    return { how: line === 'corrupt' || line === 'stall' ? line : 'cut', after: AFTER };
  };
  const planned = overLines(await plan(host, { file }), lineOf);
  const { cells } = await run(host, planned, { output: join(folder, 'out') });
  const lost = { attempts: [LOST, LOST], ...LOST };
  const half = { ...LOST, phase: 'collect' };
  const once = { outcome: 'passed', attempts: [LOST, { outcome: 'passed' }] };
  expect(cells).toMatchObject([
    { id: 'tiny/line=stall', ...once },
    { id: 'tiny/line=cut', ...lost },
    { id: 'tiny/line=half', ...half, attempts: [half, half] },
    { id: 'tiny/line=corrupt', ...lost },
    { id: 'tiny/line=once', ...once },
    {
      id: 'tiny/line=impostor',
      outcome: 'error',
      phase: 'connect',
      error: { code: 'GUEST_HOST_KEY_CHANGED' },
      attempts: [{ number: 1 }],
    },
  ]);
  expect(cells.at(-1)?.attempts).toHaveLength(1);
  expect((await host.leases.list()).leases).toEqual([]);
});
