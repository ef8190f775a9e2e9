/** A machine's life as the contract has it: found, checked, opened, used, taken away, also by others. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { identityOf } from '../../src/host/process-identity.ts';
import { connected, gone, open, sh } from '../support/guest-run.ts';
import type { ContractFixture, ContractKind } from './driver-contract.ts';
import { giveTo, locksOf, orphaned } from './owners.ts';

const never = new AbortController().signal;

export function machineExamples(
  { realGuest, inPlace = false }: ContractKind,
  fixtureOf: () => ContractFixture,
): void {
  test('probe finds the engine and says something about it', async () => {
    const fixture = fixtureOf();
    const probe = await fixture.driver.probe({ host: fixture.host, signal: never });
    expect(probe).toMatchObject({ available: true });
    expect(probe.findings.length).toBeGreaterThan(0);
  });

  test('check finds nothing wrong, once prepared, and says what a machine takes', async () => {
    const fixture = fixtureOf();
    const check = await fixture.driver.check(fixture.target, { host: fixture.host, signal: never });
    expect(check).toMatchObject({ problems: [], needsPrepare: false });
    expect(check.demand.memory).toBeGreaterThan(0);
    expect(check.access.length).toBeGreaterThan(0);
  });

  test('check tells every kind of problem, with a hint', async () => {
    const fixture = fixtureOf();
    for (const { why, target, code } of fixture.broken) {
      const { problems } = await fixture.driver.check(target, { host: fixture.host, signal: never });
      expect(problems, why).toContainEqual(expect.objectContaining({ code, hint: expect.any(String) }));
    }
  });

  test('a machine opens, starts, runs a command, and is gone', async () => {
    const fixture = fixtureOf();
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
    const fixture = fixtureOf();
    const opened = await open(fixture);
    await opened.machine.release();
    await opened.machine.stop(0);
    await opened.machine.release();
    await opened.lease.end();
    expect(await fixture.leftovers()).toEqual([]);
  });

  test.runIf(inPlace)('two machines of one VM take turns', async () => {
    const fixture = fixtureOf();
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

  test.runIf(inPlace)(
    'a VM that another process has is waited for, and it is said which; its death frees the VM',
    async () => {
      const fixture = fixtureOf();
      const first = await open(fixture);
      const locks = await locksOf(process.pid, fixture.host);
      await gone(first);
      const other = spawn('sleep', ['600']);
      onTestFinished(() => void other.kill());
      await once(other, 'spawn');
      await giveTo(identityOf(other.pid as number), locks);
      const abort = new AbortController();
      const told: string[] = [];
      const queue = <T>(wait: (tell: (why: string) => void) => Promise<T>) => wait((why) => told.push(why));
      const impatient = open(fixture, abort.signal, { queue });
      await vi.waitFor(() => expect(told.join()).toContain(`process ${other.pid}`), 60_000);
      abort.abort(new Error('cut'));
      await expect(impatient).rejects.toThrow('cut');
      const patient = open(fixture);
      other.kill();
      await gone(await patient);
      expect(await fixture.leftovers()).toEqual([]);
    },
  );

  test.skipIf(inPlace)('two machines live side by side, and neither sees the other', async () => {
    const fixture = fixtureOf();
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
    const fixture = fixtureOf();
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
    const fixture = fixtureOf();
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
    const fixture = fixtureOf();
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
    const fixture = fixtureOf();
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
    const fixture = fixtureOf();
    const opened = await open(fixture);
    await opened.machine.start(never);
    expect((await opened.machine.keep()).length).toBeGreaterThan(0);
    const { record } = opened.lease;
    await fixture.driver.sweep(record, { host: fixture.host, signal: never, dryRun: false });
    await opened.lease.end();
    expect(await fixture.leftovers()).toEqual([]);
  });

  test('console and screenshot are there when the engine says so', async () => {
    const fixture = fixtureOf();
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
}
