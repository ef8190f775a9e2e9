/** Guests that cannot be reached, or go away under a command: an error that says so, and never an exit code. */
import { expect, test } from 'vitest';
import { timeoutError, toVmtestError, VmtestError } from '../../src/host/errors.ts';
import { whileUp } from '../../src/run/while-alive.ts';
import { connected, type Driven, gone, open, sh } from '../support/guest-run.ts';
import type { ContractFixture, ContractKind, UnreachableGuest } from './driver-contract.ts';

const never = new AbortController().signal;
/**
 * Milliseconds. More than most guests of these tests take to boot; a wrong password is said as soon as the guest is up,
 * however long that takes.
 */
const PATIENCE = { credentials: 120_000, other: 8_000 };

export function guestFaultExamples(
  { realGuest, inPlace = false }: ContractKind,
  fixtureOf: () => ContractFixture,
): void {
  // To a guest it is the same whether its machine is a clone.
  const once = realGuest && !inPlace;

  test.runIf(once)('a guest that reboots in mid-command is an error of the machine', async () => {
    const fixture = fixtureOf();
    const opened = await open(fixture);
    await opened.machine.start(never);
    const { machine } = opened;
    const channel = await connected(fixture, machine);
    const error = await whileUp(machine, never, (up) => sh(channel, 'reboot -f; sleep 60', up)).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(VmtestError);
    expect(error).toMatchObject({ retryable: true, ...(machine.onRestart ? { code: 'MACHINE_DIED' } : {}) });
    await channel.close();
    await gone(opened);
    expect(await fixture.leftovers()).toEqual([]);
  });

  test.runIf(once)('a guest that cannot be reached: it is said why', async () => {
    const fixture = fixtureOf();
    expect(fixture.unreachable.length).toBeGreaterThan(0);
    for (const guest of fixture.unreachable) {
      const goBack = guest.arrange?.();
      try {
        const said = await tryToReach({ ...fixture, target: guest.target }, guest);
        expect(said.at(-1), guest.why).not.toBe('reached');
        expect(said.join('\n'), guest.why).toMatch(guest.says);
      } finally {
        goBack?.();
      }
    }
    expect(await fixture.leftovers()).toEqual([]);
  });
}

/** All that a person would be told, the error last. */
async function tryToReach(driven: Driven, { why, says }: UnreachableGuest): Promise<string[]> {
  const said: string[] = [];
  const patience = new AbortController();
  const giveUp = () => patience.abort(timeoutError('connecting', PATIENCE.other));
  const isFinal = why === 'wrong credentials';
  let timer: NodeJS.Timeout | undefined;
  const hear = (reason: string) => {
    said.push(reason);
    if (isFinal && says.test(reason)) giveUp();
  };
  const opened = await open(driven);
  try {
    await opened.machine.start(never);
    // Not before: on a busy host, the start alone may take as long.
    timer = setTimeout(giveUp, isFinal ? PATIENCE.credentials : PATIENCE.other);
    const channel = await connected(driven, opened.machine, patience.signal, hear);
    await channel.close();
    said.push('reached');
  } catch (error) {
    const { code, message, hint = '' } = toVmtestError(error);
    said.push(`${code}: ${message}. ${hint}`);
  } finally {
    clearTimeout(timer);
    await gone(opened);
  }
  return said;
}
