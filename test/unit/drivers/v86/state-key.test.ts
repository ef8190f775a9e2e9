import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Plan } from '../../../../drivers/v86/plan.ts';
import { readSettings } from '../../../../drivers/v86/settings.ts';
import { coldKey, stateKey } from '../../../../drivers/v86/state-key.ts';
import { scratchFolder } from '../../../support/scratch.ts';
import { targetOf } from '../../../support/targets.ts';

const never = new AbortController().signal;
const MIB = 1024 ** 2;

async function fixture() {
  const folder = await scratchFolder();
  const path = (name: string) => join(folder, name);
  for (const name of ['kernel', 'copy', 'other', 'bios']) {
    await writeFile(path(name), name === 'other' ? 'another kernel' : 'content');
  }
  const plan = (options: Record<string, unknown>, more: Parameters<typeof targetOf>[2] = {}): Plan => {
    const target = targetOf('v86', { kernel: path('kernel'), ...options }, more);
    const bios = { bios: path('bios'), vgaBios: path('bios') };
    return { target, settings: readSettings(target), bios, version: '1', live: true };
  };
  return { path, plan, key: (of: Plan) => stateKey(of, path('cache'), never) };
}

test('is the same for the same machine, wherever its files lie', async () => {
  const { path, plan, key } = await fixture();
  expect(await key(plan({ kernel: path('copy') }, { name: 'renamed' }))).toBe(await key(plan({})));
  expect(await key(plan({}))).toMatch(/^[0-9a-f]{32}$/);
});

test('changes with everything that goes into the machine', async () => {
  const { path, plan, key } = await fixture();
  const plans = [
    plan({}),
    plan({ kernel: path('other') }),
    plan({ initrd: path('kernel') }),
    plan({ image: path('kernel') }),
    plan({ cdrom: path('kernel') }),
    plan({ floppy: path('kernel') }),
    plan({ append: 'quiet' }),
    plan({ network: 'user' }),
    plan({ 'boot-order': ['cdrom'] }),
    plan({ 'vga-memory': '8M' }),
    plan({}, { memory: 64 * MIB }),
    plan({}, { snapshot: 'other' }),
    plan({}, { guest: { ready: 'true' } }),
    plan({}, { guest: { channel: 'console' } }),
    plan({}, { guest: { port: 2222 } }),
    { ...plan({}), version: '2' },
    { ...plan({}), bios: { bios: path('other'), vgaBios: path('bios') } },
  ];
  const keys = new Set<string>();
  for (const each of plans) keys.add(await key(each));
  expect(keys.size).toBe(plans.length);
});

test('changes when a file does, stored or not', async () => {
  const { path, plan, key } = await fixture();
  const before = [await key(plan({})), await coldKey(plan({}))];
  await writeFile(path('kernel'), 'changed!');
  expect(await key(plan({}))).not.toBe(before[0]);
  expect(await coldKey(plan({}))).not.toBe(before[1]);
});
