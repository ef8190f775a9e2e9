import { describe, expect, test } from 'vitest';
import { createBus, type NamedReporter } from '../../../reporters/bus.ts';
import type { Reporter } from '../../../reporters/reporter.ts';
import type { RunEvent } from '../../../src/results/events.ts';

const EVENTS: RunEvent[] = ['one', 'two', 'three'].map((reason) => ({
  type: 'run:cancel',
  reason,
  interrupted: true,
  grace: 0,
}));

/** A reporter that remembers what it heard. */
function listener(): { heard: string[]; reporter: Reporter } {
  const heard: string[] = [];
  return {
    heard,
    reporter: {
      onEvent: (event) => heard.push(event.type === 'run:cancel' ? event.reason : event.type),
      finish: async () => {
        heard.push('finish');
      },
    },
  };
}

async function play(broken: Reporter): Promise<{ heard: string[]; said: string[]; intact: boolean }> {
  const { heard, reporter } = listener();
  const said: string[] = [];
  const reporters: NamedReporter[] = [
    { name: 'broken', reporter: broken },
    { name: 'good', reporter },
  ];
  const bus = createBus(reporters, (name, error) => said.push(`${name}: ${error.message}`));
  for (const event of EVENTS) {
    bus.emit(event);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { heard, said, intact: await bus.finish() };
}

describe('the bus', () => {
  test('gives every event to every reporter, in order, and lets them finish', async () => {
    const other = listener();
    expect(await play(other.reporter)).toEqual({
      heard: ['one', 'two', 'three', 'finish'],
      said: [],
      intact: true,
    });
    expect(other.heard).toEqual(['one', 'two', 'three', 'finish']);
  });

  test('a reporter that listens to nothing is fine', async () => {
    expect(await play({})).toMatchObject({ said: [], intact: true });
  });

  test.each<[string, (calls: string[]) => Reporter, string[]]>([
    [
      'throws',
      (calls) => ({
        onEvent: () => {
          calls.push('event');
          throw new Error('boom');
        },
        finish: async () => {
          calls.push('finish');
        },
      }),
      ['event'],
    ],
    [
      'rejects though it should not be async',
      (calls) => ({
        onEvent: async () => {
          calls.push('event');
          throw new Error('boom');
        },
      }),
      ['event'],
    ],
    [
      'throws something that is no error',
      (calls) => ({
        onEvent: () => {
          calls.push('event');
          throw 'boom';
        },
      }),
      ['event'],
    ],
    [
      'cannot finish',
      (calls) => ({
        finish: async () => {
          calls.push('finish');
          throw new Error('boom');
        },
      }),
      ['finish'],
    ],
  ])('a reporter that %s is switched off, said once, and the others go on', async (_what, make, called) => {
    const calls: string[] = [];
    expect(await play(make(calls))).toEqual({
      heard: ['one', 'two', 'three', 'finish'],
      said: ['broken: boom'],
      intact: false,
    });
    expect(calls).toEqual(called);
  });
});
