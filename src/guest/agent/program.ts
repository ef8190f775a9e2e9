/** A program that an engine's agent runs: looked at until it has ended. */
import { sleep } from '../../host/deadline.ts';
import type { AgentLink, AgentPoll, AgentStartOptions, ConnectOptions, GuestExit } from '../channel.ts';
import { signalName } from '../shell/signals.ts';
import { type Captured, outputTooLong } from '../transport.ts';

const SHORTEST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;
/** Milliseconds. */
const LEAST_YOUTH_MS = 300;
/** A round trip that takes longer than a look's own cost says that the guest is busy with the program itself. */
const DEAREST_LOOK_MS = 2;

export type Exited = Extract<AgentPoll, { exited: true }>;

/**
 * Looks at a program from time to time.
 *
 * A look costs the guest time that the program needs: on one emulated processor, looks every 5 ms made a command take
 * half as long again. So a pause lasts twenty looks, and a tenth of the program's age, within bounds.
 */
export class ProgramWatch {
  readonly #link: AgentLink;
  readonly #handle: string;
  readonly #started = performance.now();
  /** Milliseconds from now on. */
  #pause: number;
  readonly #youth: number;

  /** @param start milliseconds that the start took: no program ends much sooner than it can be started. */
  constructor(link: AgentLink, handle: string, start: number) {
    this.#link = link;
    this.#handle = handle;
    this.#pause = start;
    this.#youth = Math.max(LEAST_YOUTH_MS, 3 * start);
  }

  /** It may well end soon: its output is best fetched then, all at once. */
  get isYoung(): boolean {
    return this.#age < this.#youth;
  }

  /** After a pause. Not to be asked again after the program's end. */
  async look(signal: AbortSignal): Promise<AgentPoll> {
    await sleep(Math.min(Math.max(SHORTEST_PAUSE_MS, this.#pause), LONGEST_PAUSE_MS), signal);
    const asked = performance.now();
    const state = await this.#link.poll(this.#handle, signal);
    const cost = Math.min(performance.now() - asked, DEAREST_LOOK_MS);
    this.#pause = Math.max(20 * cost, this.#age / 10);
    return state;
  }

  get #age(): number {
    return performance.now() - this.#started;
  }
}

export async function startWatched(
  link: AgentLink,
  argv: readonly string[],
  options: AgentStartOptions,
  signal: AbortSignal,
): Promise<ProgramWatch> {
  const began = performance.now();
  const handle = await link.start(argv, options, signal);
  return new ProgramWatch(link, handle, performance.now() - began);
}

/** Runs a short program to its end; the agent keeps its output. */
export async function captureProgram(
  link: AgentLink,
  argv: readonly string[],
  input: Buffer | undefined,
  os: ConnectOptions['os'],
  signal: AbortSignal,
): Promise<Captured> {
  const watch = await startWatched(link, argv, { capture: true, ...(input ? { input } : {}) }, signal);
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
