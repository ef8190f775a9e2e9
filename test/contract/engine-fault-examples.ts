/** Engine commands that are missing, fail, or hang: said in the engine's words, never waited for in vain, and nothing is left. */
import { expect, onTestFinished, test, vi } from 'vitest';
import { VmtestError } from '../../src/host/errors.ts';
import type { LeaseRecord } from '../../src/host/host.ts';
import { type FaultyHost, faultyHost, OUCH, type Trouble } from '../support/faulty-host.ts';
import { gone, open } from '../support/guest-run.ts';
import type { ContractFixture, ContractKind } from './driver-contract.ts';
import { orphaned } from './owners.ts';

const never = new AbortController().signal;
/** Long enough for the commands that do answer, of every engine. */
const PATIENCE_MS = 2_000;

export function engineFaultExamples(
  { builtIn = false }: ContractKind,
  fixtureOf: () => ContractFixture,
): void {
  test.skipIf(builtIn)(
    'an engine whose programs are missing is said to be, before any cell starts',
    async () => {
      const { driver, host, target } = fixtureOf();
      // Some are looked for before they are run.
      vi.stubEnv('PATH', '/nowhere');
      onTestFinished(() => void vi.unstubAllEnvs());
      // Its own folders make it another host, of which nothing is known yet.
      const faulty = faultyHost({ ...host, paths: { ...host.paths } });
      faulty.begin('missing');
      const context = { host: faulty, signal: never };
      const probe = await driver.probe(context);
      const problems = probe.available ? (await driver.check(target, context)).problems : [];
      const told = [...probe.findings, ...probe.fixes, ...problems.map(({ hint }) => hint)].filter(
        (line) => line !== undefined,
      );
      expect({ available: probe.available && problems.length === 0, told }).toEqual({
        available: false,
        told: expect.arrayContaining([expect.stringMatching(/\w/)]),
      });
    },
  );

  test('looking at an engine that hangs ends with the signal', async () => {
    const { driver, host, target } = fixtureOf();
    for (const look of ['probe', 'check'] as const) {
      const faulty = faultyHost(host);
      faulty.begin('hanging');
      const signal = AbortSignal.timeout(500);
      const looking =
        look === 'probe'
          ? driver.probe({ host: faulty, signal })
          : driver.check(target, { host: faulty, signal });
      const ended = await looking.then(
        () => 'answered',
        () => 'gave up',
      );
      expect(ended).toBe(faulty.end() === 0 ? 'answered' : 'gave up');
    }
  });

  test('opening fails in the engine’s words, wherever it does, and leaves nothing that a sweep would not find', async () => {
    const fixture = fixtureOf();
    const commands = await commandsToOpen(fixture);
    for (const from of new Set([0, Math.floor(commands / 2), commands - 1])) {
      if (from >= 0 && from < commands) await openInTrouble(fixture, 'failing', from);
    }
  });

  test('opening that hangs ends with the signal, and leaves nothing that a sweep would not find', async () => {
    const fixture = fixtureOf();
    const commands = await commandsToOpen(fixture);
    for (const from of new Set([0, commands - 1])) {
      if (from >= 0 && from < commands) await openInTrouble(fixture, 'hanging', from);
    }
  });

  test('a start that fails says so in the engine’s words, and the machine can be taken away', async () => {
    await startInTrouble(fixtureOf(), 'failing');
  });

  test('a start that hangs ends with the signal, and the machine can be taken away', async () => {
    await startInTrouble(fixtureOf(), 'hanging');
  });
}

async function commandsToOpen(fixture: ContractFixture): Promise<number> {
  const host = faultyHost(fixture.host);
  const opened = await open({ ...fixture, host });
  const commands = host.end();
  await gone(opened);
  return commands;
}

async function openInTrouble(fixture: ContractFixture, trouble: Trouble, from: number): Promise<void> {
  const host = faultyHost(fixture.host);
  host.begin(trouble, from);
  const opening = open({ ...fixture, host }, signalFor(trouble, host));
  const outcome = await opening.catch((error: unknown) => ({ error }));
  host.end();
  if ('error' in outcome) {
    expectTold(outcome.error, trouble, `command ${from} of opening`);
  } else {
    // Some commands only make a machine nicer.
    expect(from).toBeGreaterThan(0);
    await outcome.machine.start(never);
    await gone(outcome);
  }
  await sweptAway(fixture);
}

async function startInTrouble(fixture: ContractFixture, trouble: Trouble): Promise<void> {
  const host = faultyHost(fixture.host);
  const opened = await open({ ...fixture, host });
  host.begin(trouble);
  const error = await opened.machine.start(signalFor(trouble, host)).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const commands = host.end();
  if (commands > 0) expectTold(error, trouble, 'starting');
  else expect(error, 'nothing could go wrong').toBeUndefined();
  await gone(opened);
  expect(await fixture.leftovers()).toEqual([]);
}

/** The engine is well again as soon as nobody waits for it any more, or undoing would hang too. */
function signalFor(trouble: Trouble, host: FaultyHost): AbortSignal {
  if (trouble !== 'hanging') return never;
  const abort = new AbortController();
  setTimeout(() => {
    host.end();
    abort.abort(new VmtestError('CUT', 'nobody waits any more'));
  }, PATIENCE_MS);
  return abort.signal;
}

function expectTold(error: unknown, trouble: Trouble, when: string): void {
  expect(error, when).toBeInstanceOf(VmtestError);
  const { code, message, hint = '', details = '' } = error as VmtestError;
  if (trouble === 'hanging') expect(code, when).toBe('CUT');
  else expect(`${message} ${hint} ${details}`, when).toContain(OUCH);
}

/** What opening could not undo has a lease still. */
async function sweptAway({ driver, host, leftovers }: ContractFixture): Promise<void> {
  const { leases } = await host.leases.list();
  for (const { record } of leases) {
    const dead: LeaseRecord = await orphaned(host, record);
    await driver.sweep(dead, { host, signal: never, dryRun: false });
    await host.leases.forget(dead);
  }
  expect(await leftovers()).toEqual([]);
}
