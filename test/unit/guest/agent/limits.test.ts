/** A limit is reached while the agent's answers are stuck: what was true is told, or that nobody knows. */
import { userInfo } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createQgaLink } from '../../../../src/guest/agent/qga.ts';
import type { AgentLink } from '../../../../src/guest/channel.ts';
import { connect } from '../../../../src/guest/connect.ts';
import { timeoutError, VmtestError } from '../../../../src/host/errors.ts';
import { never, run } from '../../../support/guest-channel-examples.ts';
import { TestQga } from '../../../support/guest-qga.ts';
import { scratchFolder } from '../../../support/scratch.ts';

/** `start-done`: it has its effect all the same. `end`: the answer that tells of the end of a program, which an agent gives once. */
type Place = 'start' | 'start-done' | 'poll' | 'end';

/** One call gets stuck until nobody waits for it any more; then all is as usual again. */
class StickyLink {
  #place: Place | undefined;
  #tellStuck = () => {};
  readonly isStuck = new Promise<void>((resolve) => {
    this.#tellStuck = resolve;
  });

  sticksAt(place: Place): void {
    this.#place = place;
  }

  around(link: AgentLink): AgentLink {
    return {
      chunk: link.chunk,
      ping: (signal) => link.ping(signal),
      start: async (argv, options, signal) => {
        if (this.#place === 'start') return this.#stick(signal);
        const handle = await link.start(argv, options, signal);
        return this.#place === 'start-done' ? this.#stick(signal) : handle;
      },
      poll: async (handle, signal) => {
        if (this.#place === 'poll') return this.#stick(signal);
        const state = await link.poll(handle, signal);
        return this.#place === 'end' && state.exited ? this.#stick(signal) : state;
      },
      read: (...args) => link.read(...args),
      write: (...args) => link.write(...args),
      close: (tidy) => link.close(tidy),
    };
  }

  #stick(signal: AbortSignal): Promise<never> {
    this.#place = undefined;
    this.#tellStuck();
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
    });
  }
}

async function open() {
  const qga = await TestQga.start({ folder: await scratchFolder() });
  const sticky = new StickyLink();
  const link = sticky.around(createQgaLink(qga.connect()));
  const credentials = { user: userInfo().username };
  const channel = await connect({ kind: 'agent', link }, { credentials, os: 'linux' }, never);
  onTestFinished(() => channel.close());
  return { channel, sticky };
}

const TOO_LONG = timeoutError('phase run', 20_000);
const TOO_SILENT = new VmtestError('SILENT', 'the command printed nothing for 20 s');

test.each(['start', 'start-done', 'end'] as const)(
  'what nobody was told of is unknown: stuck at %s',
  async (place) => {
    const { channel, sticky } = await open();
    const limit = new AbortController();
    sticky.sticksAt(place);
    const running = run(channel, 'echo out', { signal: limit.signal });
    await sticky.isStuck;
    await delay(500);
    limit.abort(TOO_LONG);
    expect(await running).toMatchObject({ unheard: expect.stringContaining(`${TOO_LONG.message}; by then`) });
  },
);

test('a command that ended while nobody answered has its own end', async () => {
  const { channel, sticky } = await open();
  const limit = new AbortController();
  sticky.sticksAt('poll');
  const running = run(channel, 'echo out; exit 3', { signal: limit.signal });
  await sticky.isStuck;
  await delay(500);
  limit.abort(TOO_LONG);
  expect(await running).toEqual({ exitCode: 3, stdout: 'out\n', stderr: '' });
});

test('silence counts when it is the command that is silent', async () => {
  const { channel, sticky } = await open();
  const beats = 'echo beat; while :; do sleep 0.2; echo beat; done';
  const limit = new AbortController();
  sticky.sticksAt('poll');
  const running = run(channel, beats, { signal: limit.signal });
  await sticky.isStuck;
  await delay(2_500);
  limit.abort(TOO_SILENT);
  const ended = await running;
  expect(ended).toMatchObject({ unheard: expect.stringContaining(`${TOO_SILENT.message}; but it had`) });
  expect(ended.stdout).toContain('beat');

  const silent = new AbortController();
  const quiet = run(channel, 'echo once; exec sleep 600', { signal: silent.signal });
  await delay(1_500);
  silent.abort(TOO_SILENT);
  await expect(quiet).rejects.toBe(TOO_SILENT);
});

test('a command that goes on took too long, also when nobody answered for a while', async () => {
  const { channel, sticky } = await open();
  const limit = new AbortController();
  sticky.sticksAt('poll');
  const running = run(channel, 'exec sleep 600', { signal: limit.signal });
  await sticky.isStuck;
  limit.abort(TOO_LONG);
  await expect(running).rejects.toBe(TOO_LONG);
  await vi.waitFor(async () => expect((await run(channel, 'echo on')).stdout).toBe('on\n'));
});
