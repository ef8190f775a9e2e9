import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadState, saveState } from '../../../../drivers/qemu/migrate.ts';
import type { Qmp } from '../../../../drivers/qemu/qmp.ts';
import { abortable } from '../../../../src/host/abortable.ts';
import { scratchFolder } from '../../../support/scratch.ts';

test('a Ctrl-C while the state is being saved is one error, not one more that nobody awaits', async () => {
  const folder = await scratchFolder();
  const abort = new AbortController();
  const qmp = {
    next: () => new Promise(() => {}),
    execute: async (command: string) => {
      if (command !== 'migrate') return {};
      abort.abort(new Error('enough'));
      throw abort.signal.reason;
    },
  } as unknown as Qmp;
  const saving = saveState(qmp, join(folder, 'state.bin'), join(folder, 's'), abort.signal);
  // What nobody awaits fails the test by itself.
  await expect(saving).rejects.toThrow('enough');
});

test('a Ctrl-C before QEMU listens for the state is the only error, whatever became of the file', async () => {
  const folder = await scratchFolder();
  const abort = new AbortController();
  const qmp = {
    next: () => abortable(new Promise(() => {}), abort.signal),
    execute: async (command: string) => {
      if (command === 'migrate-incoming') setTimeout(() => abort.abort(new Error('enough')), 50);
      return {};
    },
  } as unknown as Qmp;
  const loading = loadState(qmp, join(folder, 'state.bin'), join(folder, 's'), abort.signal);
  await expect(loading).rejects.toThrow('enough');
});
