/** The driver contract as examples. Every driver passes the same ones; what an engine cannot do is a capability, not a gap. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { BaseTarget } from '../../matrix/model.ts';
import type { Host, LeaseRecord } from '../../src/host/host.ts';
import { connected, type Driven, gone, open, prepare, sh } from '../support/guest-run.ts';

export interface ContractFixture extends Driven {
  /** Targets with something wrong, and the code of the problem. */
  broken: { why: string; target: BaseTarget; code: string }[];
  /** All that the engine has made and not taken away on this host: processes, files. Empty when idle. */
  leftovers(): Promise<string[]>;
}

const never = new AbortController().signal;

export interface ContractKind {
  /** Commands run in a guest whose disk and processes can be looked at. */
  realGuest: boolean;
  /** Cells use the VM itself, one after another. Default: each has a machine of its own. */
  inPlace?: boolean;
}

export function describeDriver(
  name: string,
  { realGuest, inPlace = false }: ContractKind,
  make: () => Promise<ContractFixture>,
): void {
  describe(`driver contract: ${name}`, () => {
    let fixture: ContractFixture;
    beforeAll(async () => {
      fixture = await make();
      await prepare(fixture);
    });

    test('probe finds the engine and says something about it', async () => {
      const probe = await fixture.driver.probe({ host: fixture.host, signal: never });
      expect(probe).toMatchObject({ available: true });
      expect(probe.findings.length).toBeGreaterThan(0);
    });

    test('check finds nothing wrong, once prepared, and says what a machine takes', async () => {
      const check = await fixture.driver.check(fixture.target, { host: fixture.host, signal: never });
      expect(check).toMatchObject({ problems: [], needsPrepare: false });
      expect(check.demand.memory).toBeGreaterThan(0);
      expect(check.access.length).toBeGreaterThan(0);
    });

    test('check tells every kind of problem, with a hint', async () => {
      for (const { why, target, code } of fixture.broken) {
        const { problems } = await fixture.driver.check(target, { host: fixture.host, signal: never });
        expect(problems, why).toContainEqual(expect.objectContaining({ code, hint: expect.any(String) }));
      }
    });

    test('a machine opens, starts, runs a command, and is gone', async () => {
      const opened = await open(fixture);
      expect(opened.machine.name).toContain(opened.lease.record.id);
      await opened.machine.start(never);
      const channel = await connected(fixture, opened.machine);
      expect(await sh(channel, 'echo from the guest')).toMatchObject({ exitCode: 0 });
      await channel.close();
      await gone(opened);
      expect(await fixture.leftovers()).toEqual([]);
    });

    test('stop and release may come twice, in any state', async () => {
      const opened = await open(fixture);
      await opened.machine.release();
      await opened.machine.stop(0);
      await opened.machine.release();
      await opened.lease.end();
      expect(await fixture.leftovers()).toEqual([]);
    });

    test.runIf(inPlace)('two machines of one VM take turns', async () => {
      const first = await open(fixture);
      let isOpen = false;
      const second = open(fixture).then((opened) => {
        isOpen = true;
        return opened;
      });
      await first.machine.start(never);
      expect(isOpen).toBe(false);
      await gone(first);
      await gone(await second);
      expect(await fixture.leftovers()).toEqual([]);
    });

    test.skipIf(inPlace)('two machines live side by side, and neither sees the other', async () => {
      expect(fixture.driver.capabilities.linkedClone).toBe(true);
      const both = await Promise.all([open(fixture), open(fixture)]);
      await Promise.all(both.map(({ machine }) => machine.start(never)));
      const [one, two] = await Promise.all(both.map(({ machine }) => connected(fixture, machine)));
      if (!one || !two) throw new Error('two channels were asked for');
      if (realGuest) {
        await sh(one, 'echo dirty > /root/mark; sync');
        expect((await sh(two, 'test -e /root/mark && echo seen')).stdout).toBe('');
      }
      await Promise.all([one.close(), two.close()]);
      await Promise.all(both.map(gone));
      expect(await fixture.leftovers()).toEqual([]);
    });

    test.runIf(realGuest)('the next machine is clean again', async () => {
      for (let round = 0; round < 2; round += 1) {
        const opened = await open(fixture);
        await opened.machine.start(never);
        const channel = await connected(fixture, opened.machine);
        expect(
          (await sh(channel, 'test -e /root/mark && echo seen; echo dirty > /root/mark; sync')).stdout,
        ).toBe('');
        await channel.close();
        await gone(opened);
      }
    });

    test.runIf(realGuest)('a guest that powers itself off is noticed', async () => {
      const opened = await open(fixture);
      await opened.machine.start(never);
      const channel = await connected(fixture, opened.machine);
      const command = sh(channel, 'poweroff -f').catch((error: unknown) => error);
      expect(await opened.machine.died).toMatch(/\w/);
      await channel.close();
      await command;
      await gone(opened);
    });

    test('opening under a signal that aborts leaves nothing', async () => {
      for (const after of [0, 5, 20, 60]) {
        const abort = new AbortController();
        const opening = open(fixture, abort.signal);
        setTimeout(() => abort.abort(new Error('cut')), after);
        await opening.then(gone, () => {});
        for (const { record } of (await fixture.host.leases.list()).leases)
          await fixture.host.leases.forget(record);
        expect(await fixture.leftovers()).toEqual([]);
      }
    });

    test('sweep takes away what a dead run left, says what, and may come twice', async () => {
      const opened = await open(fixture);
      await opened.machine.start(never);
      const record = await orphaned(fixture.host, opened.lease.record);
      const context = { host: fixture.host, signal: never };
      const before = await fixture.leftovers();
      const announced = await fixture.driver.sweep(record, { ...context, dryRun: true });
      expect(await fixture.leftovers()).toEqual(before);
      expect(await fixture.driver.sweep(record, { ...context, dryRun: false })).toEqual(announced);
      expect(await fixture.driver.sweep(record, { ...context, dryRun: false })).toEqual([]);
      await fixture.host.leases.forget(record);
      expect(await fixture.leftovers()).toEqual([]);
    });

    test('a kept machine runs on, and is swept when asked', async () => {
      const opened = await open(fixture);
      await opened.machine.start(never);
      expect((await opened.machine.keep()).length).toBeGreaterThan(0);
      const { record } = opened.lease;
      await fixture.driver.sweep(record, { host: fixture.host, signal: never, dryRun: false });
      await opened.lease.end();
      expect(await fixture.leftovers()).toEqual([]);
    });

    test('console and screenshot are there when the engine says so', async () => {
      const { capabilities } = fixture.driver;
      const opened = await open(fixture);
      await opened.machine.start(never);
      const picture = join(opened.logs, 'screen.png');
      if (capabilities.screenshot) {
        await opened.machine.screenshot(picture, never);
        expect((await readFile(picture)).subarray(1, 4).toString()).toBe('PNG');
      } else {
        await expect(opened.machine.screenshot(picture, never)).rejects.toMatchObject({
          code: expect.any(String),
        });
      }
      const { consoleLog } = opened.machine;
      // For a log, nobody's VM is changed.
      if (capabilities.console && !(inPlace && consoleLog === undefined)) await access(consoleLog as string);
      await gone(opened);
    });
  });
}

/** The record as it would be, had its run been killed; its locks are those of a dead process too. */
async function orphaned(host: Host, record: LeaseRecord): Promise<LeaseRecord> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  const owner = { ...record.owner, pid: child.pid as number, start: '1' };
  const locks = join(host.paths.state, 'locks');
  // Engines whose machines are their own take none.
  for (const file of await readdir(locks, { recursive: true }).catch(() => [])) {
    const path = join(locks, file);
    const holder = await readFile(path, 'utf8').catch(() => '');
    if (holder.includes(`"pid":${record.owner.pid}`)) await writeFile(path, JSON.stringify({ owner }));
  }
  return { ...record, owner };
}
