/** Makes a target's clean state on first use, under a lease and a deadline. */
import type { PrepareContext } from '../../drivers/driver.ts';
import type { PhaseTimeouts } from '../../matrix/model.ts';
import { withDeadline } from '../host/deadline.ts';
import { toVmtestError, VmtestError } from '../host/errors.ts';
import type { Host } from '../host/host.ts';
import type { Bytes, RunEvent } from '../results/events.ts';
import type { HostKeyPins } from './host-keys.ts';
import { dropPicture, takePicture } from './picture.ts';
import type { PlannedTarget } from './plan-target.ts';
import { type GuestToSettle, settle } from './settle.ts';
import { underLease } from './under-lease.ts';
import { whileAlive } from './while-alive.ts';

export interface PrepareOptions {
  host: Host;
  runId: string;
  pins: HostKeyPins;
  /** Deadlines, before scaling: the boot of a clean state is held to those of booting and connecting. */
  timeouts: PhaseTimeouts;
  /** Tries after the first, for errors that may pass. */
  retries: number;
  /** Milliseconds that it took in an earlier run. */
  expected?: number;
  /** A folder for a picture of a machine that did not become a clean state. */
  logs: string;
  emit(event: RunEvent): void;
  signal: AbortSignal;
}

/** Undefined when the clean state is there; else why it is not. */
export async function prepareTarget(
  planned: PlannedTarget,
  options: PrepareOptions,
): Promise<VmtestError | undefined> {
  const { emit, signal } = options;
  const target = planned.target.name;
  const tell = (
    state: 'start' | 'progress' | 'done' | 'failed',
    message: string,
    more: { bytes?: Bytes; expected?: number } = {},
  ) => emit({ type: 'target:prepare', target, state, message, ...more });
  const { expected } = options;
  tell('start', 'making the clean state', expected === undefined ? {} : { expected });
  const started = performance.now();
  for (let left = options.retries; ; left -= 1) {
    try {
      await prepareOnce(planned, options, (message, bytes) =>
        tell('progress', message, bytes ? { bytes } : {}),
      );
      await dropPicture(options.logs);
      tell('done', `clean state ready after ${((performance.now() - started) / 1000).toFixed(1)} s`);
      return undefined;
    } catch (thrown) {
      const error = toVmtestError(thrown);
      if (left <= 0 || !error.retryable || signal.aborted) {
        tell('failed', error.message);
        return error;
      }
      tell('progress', `${error.message}; trying again`);
    }
  }
}

async function prepareOnce(
  planned: PlannedTarget,
  options: PrepareOptions,
  progress: (message: string, bytes?: Bytes) => void,
): Promise<void> {
  const { host, runId, timeouts, signal } = options;
  const { target, driver, check } = planned;
  const wanted = { run: runId, engine: driver.engine, target: target.name };
  let lastAnswer = '';
  const onAttempt = (reason: string) => {
    lastAnswer = reason;
  };
  try {
    await underLease(host.leases, { wanted, restMs: timeouts.release * check.slowdown }, (lease, follow) =>
      withDeadline(signal, timeouts.prepare * check.slowdown, `preparing ${target.name}`, (deadline) => {
        const settleIt = settler(planned, options, { progress, onAttempt }, deadline);
        return follow(driver.prepare(target, { host, lease, signal: deadline, progress, settle: settleIt }));
      }),
    );
  } catch (error) {
    throw withLastAnswer(error, lastAnswer);
  }
}

function settler(
  { target, check, driver }: PlannedTarget,
  { pins, timeouts, logs, host, signal }: PrepareOptions,
  listeners: Pick<GuestToSettle, 'progress' | 'onAttempt'>,
  deadline: AbortSignal,
): PrepareContext['settle'] {
  return async (machine) => {
    try {
      return await whileAlive(machine, deadline, (alive) =>
        settle(
          {
            ...{ machine, pins, ...listeners },
            offered: check.access,
            guest: target.guest,
            os: target.os,
            slowdown: check.slowdown,
            answerMs: (timeouts.boot + timeouts.connect) * check.slowdown,
          },
          alive,
        ),
      );
    } catch (error) {
      if (!signal.aborted) await takePicture(machine, logs, { driver, host });
      throw error;
    }
  };
}

/** A deadline alone does not tell what the guest was doing. */
function withLastAnswer(thrown: unknown, lastAnswer: string): unknown {
  if (!(thrown instanceof VmtestError) || thrown.code !== 'TIMEOUT' || lastAnswer === '') return thrown;
  return thrown.with({
    details: [thrown.details, `last answer by ${lastAnswer}`].filter(Boolean).join('\n\n'),
  });
}
