import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Driver, Machine } from '../../../drivers/driver.ts';
import { fakeDriver } from '../../../drivers/fake/driver.ts';
import type { AccessKind } from '../../../src/guest/channel.ts';
import { createHost } from '../../../src/host/create-host.ts';
import { createHostKeyPins } from '../../../src/run/host-keys.ts';
import { prepareTarget } from '../../../src/run/prepare-target.ts';
import { scratchFolder } from '../../support/scratch.ts';
import { targetOf } from '../../support/targets.ts';

const SECONDS = 10_000;
const timeouts = {
  ...{ prepare: SECONDS, restore: SECONDS, boot: SECONDS, connect: SECONDS, upload: SECONDS },
  ...{ setup: SECONDS, run: SECONDS, collect: SECONDS, release: SECONDS },
};

/** A machine that has died by the time that somebody looks at it. */
const dead = {
  name: 'dead',
  died: Promise.resolve('its kernel panicked'),
  access: async (_kind: AccessKind, signal: AbortSignal) => {
    await once(signal, 'abort');
    throw signal.reason;
  },
  screenshot: (path: string) => writeFile(path, 'a panic'),
} as unknown as Machine;

test.each([
  ['stays when the clean state could not be made', 0, ['screen.png']],
  ['goes when another try made it', 1, []],
])('a picture %s', async (_what, retries, pictures) => {
  const folder = await scratchFolder();
  const host = createHost({ paths: { state: join(folder, 'state'), cache: join(folder, 'cache') } });
  const signal = new AbortController().signal;
  const target = targetOf('fake', {});
  let tries = 0;
  const driver: Driver = {
    ...fakeDriver,
    capabilities: { ...fakeDriver.capabilities, screenshot: true },
    prepare: async (_target, { settle }) => {
      tries += 1;
      if (tries === 1) await settle(dead);
    },
  };
  const check = await fakeDriver.check(target, { host, signal });
  const probe = { available: true, findings: [], fixes: [] };
  const logs = join(folder, 'cell');
  const error = await prepareTarget(
    { target, driver, check, probe, passedOver: [], notes: [] },
    { host, runId: 'r', pins: createHostKeyPins(host), timeouts, retries, logs, emit: () => {}, signal },
  );
  expect(error?.code).toBe(retries === 0 ? 'MACHINE_DIED' : undefined);
  expect(await readdir(logs)).toEqual(pictures);
});
