/** Clocks that somebody sets while vmtest runs, by libfaketime: the time of day leaps, the monotonic clock does not. */
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Hardship } from './hardship.ts';

const LIBRARY = '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1';
const EVERY_MS = 400;

export const CLOCKS: readonly Hardship[] = [
  leaping('back by an hour, again and again', ['+0', '-1h', '-2h', '-3h', '-4h', '-5h', '-6h']),
  leaping('a year ahead, and back', ['+1y', '+0']),
  leaping('a minute back, and ahead', ['-1m', '+0']),
];

function leaping(name: string, steps: readonly [string, ...string[]]): Hardship {
  return {
    kind: 'clock',
    name,
    endings: ['usual'],
    needs: ['faketime'],
    impose: async ({ project }) => {
      const file = join(dirname(project), 'clock');
      await writeFile(file, '+0');
      return {
        env: {
          LD_PRELOAD: LIBRARY,
          FAKETIME_TIMESTAMP_FILE: file,
          FAKETIME_NO_CACHE: '1',
          FAKETIME_DONT_FAKE_MONOTONIC: '1',
        },
        during: async (isOver) => {
          for (let step = 0; !isOver(); step += 1) {
            await writeFile(file, steps[step % steps.length] ?? steps[0]);
            await delay(EVERY_MS);
          }
        },
        end: () => rm(file),
      };
    },
  };
}
