import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { createHost } from '../../../src/host/create-host.ts';
import { VmtestError } from '../../../src/host/errors.ts';
import { sweep } from '../../../src/run/sweep.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { orphan } from '../../support/vm-cells.ts';

test('one that is interrupted has told what it took away, and leaves the rest to the next', async () => {
  const folder = await scratchFolder();
  const host = createHost({ paths: { state: join(folder, 'state'), cache: folder } });
  for (const target of ['one', 'two', 'three'])
    await orphan(await host.leases.begin({ run: 'r', engine: 'none', target }));
  const interrupt = new AbortController();
  const told: string[] = [];
  const options = { kept: false, dryRun: false, signal: interrupt.signal };
  const swept = sweep(host, {
    ...options,
    onSwept: ({ record }) => {
      told.push(record.id);
      if (told.length === 2) interrupt.abort(new VmtestError('INTERRUPTED', 'interrupted by SIGINT'));
    },
  });
  await expect(swept).rejects.toMatchObject({ code: 'INTERRUPTED' });
  const left = (await host.leases.list()).leases.map(({ record }) => record.id);
  expect(left).toHaveLength(1);
  expect(told).not.toContain(left[0]);
  expect(await readdir(join(host.paths.state, 'machines'))).toEqual(left);
  const next = await sweep(host, { ...options, signal: new AbortController().signal });
  expect(next.swept.map(({ record }) => record.id)).toEqual(left);
});

test('says for whom it waits', async () => {
  const folder = await scratchFolder();
  const host = createHost({ paths: { state: join(folder, 'state'), cache: folder } });
  const other = await host.locks.acquire('sweep', { signal: new AbortController().signal });
  const onWait = vi.fn(() => void other());
  const swept = await sweep(host, {
    ...{ kept: false, dryRun: false, onWait },
    signal: new AbortController().signal,
  });
  expect(onWait.mock.calls).toEqual([[`process ${process.pid}`]]);
  expect(swept.swept).toEqual([]);
});
