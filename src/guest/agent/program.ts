/** A program that an engine's agent runs: looked at until it has ended. */
import { sleep } from '../../host/deadline.ts';
import type { AgentLink, AgentPoll, ConnectOptions, GuestExit } from '../channel.ts';
import { signalName } from '../shell/signals.ts';
import { type Captured, outputTooLong } from '../transport.ts';

const SHORTEST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;

export type Exited = Extract<AgentPoll, { exited: true }>;

/**
 * Looks at a program from time to time.
 *
 * A look costs the guest time that the program needs: on one emulated processor, looks every 5 ms made a command take
 * half as long again. So a pause lasts twenty round trips, and a tenth of the program's age, within bounds.
 */
export class ProgramWatch {
  readonly #link: AgentLink;
  readonly #handle: string;
  readonly #started = performance.now();
  #roundTrip = 0;

  constructor(link: AgentLink, handle: string) {
    this.#link = link;
    this.#handle = handle;
  }

  /** Milliseconds since the program was started. */
  get age(): number {
    return performance.now() - this.#started;
  }

  /** After a pause. Not to be asked again after the program's end. */
  async look(signal: AbortSignal): Promise<AgentPoll> {
    const pause = Math.max(SHORTEST_PAUSE_MS, 20 * this.#roundTrip, this.age / 10);
    await sleep(Math.min(pause, LONGEST_PAUSE_MS), signal);
    const asked = performance.now();
    const state = await this.#link.poll(this.#handle, signal);
    this.#roundTrip = performance.now() - asked;
    return state;
  }
}

/** Runs a short program to its end; the agent keeps its output. */
export async function captureProgram(
  link: AgentLink,
  argv: readonly string[],
  input: Buffer | undefined,
  os: ConnectOptions['os'],
  signal: AbortSignal,
): Promise<Captured> {
  const handle = await link.start(argv, { capture: true, ...(input ? { input } : {}) }, signal);
  const watch = new ProgramWatch(link, handle);
  for (;;) {
    const state = await watch.look(signal);
    if (!state.exited) continue;
    if (state.truncated) throw outputTooLong(state.stdout.length);
    return { exit: exitOf(state, os), stdout: state.stdout, stderr: state.stderr.toString() };
  }
}

export function exitOf(state: Exited, os: ConnectOptions['os']): GuestExit {
  if (state.exitCode !== undefined) return { exitCode: state.exitCode };
  return state.signal === undefined ? {} : { signal: signalName(state.signal, os) };
}
