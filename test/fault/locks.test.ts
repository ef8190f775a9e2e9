/** Locks contended for by simulated processes that are interleaved at every call of the file system, and die at any of them. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { createLocks } from '../../src/host/locks.ts';
import { Chance } from '../support/simulated/chance.ts';
import { SimulatedProcess, type Waiting } from '../support/simulated/process.ts';
import { register } from '../support/simulated/process-identity.ts';
import { Turns } from '../support/simulated/turns.ts';
import { manyRuns } from './many-runs.ts';

vi.mock('node:fs/promises', () => import('../support/simulated/fs-promises.ts'));
vi.mock('../../src/host/process-identity.ts', () => import('../support/simulated/process-identity.ts'));

const story = fc.record({
  /** How often each process tries to have the lock. */
  tries: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 4 }),
  /** Steps after which a process is killed. */
  kills: fc.array(fc.record({ at: fc.nat({ max: 150 }), which: fc.nat({ max: 3 }) }), { maxLength: 3 }),
  seed: fc.nat(),
});

/** Steps for which a lock is held: about as many as it takes to have it, so that others come in between. */
const WORK = 12;

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('have one living owner at most at every moment, and one file when all is over', {
  timeout: 3_600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ tries, kills, seed }) => {
      const folder = mkdtempSync(join(tmpdir(), 'vmtest-locks-'));
      try {
        const queue: Waiting[] = [];
        const owners = new Set<SimulatedProcess>();
        const processes = tries.map((count, index) => {
          const pid = index + 1;
          const process = new SimulatedProcess(`p${pid}`, { pid, boot: 'here|boot|1' }, queue);
          register(process);
          process.start(async () => {
            for (let left = count; left > 0; left -= 1) {
              const unlock = await createLocks(folder).tryAcquire('vm');
              if (!unlock) continue;
              owners.add(process);
              for (let steps = WORK; steps > 0; steps -= 1) await process.pass('works');
              owners.delete(process);
              await unlock();
            }
          });
          return process;
        });
        await play(queue, new Chance(seed), (step) => {
          for (const { at, which } of kills) if (at === step) processes[which % processes.length]?.kill();
          const living = [...owners].filter((owner) => !owner.isDead);
          expect(living.length, `step ${step}`).toBeLessThanOrEqual(1);
        });
        for (const { failure, name } of processes) expect(failure, name).toBeUndefined();
        await afterwards(folder, queue);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }),
    manyRuns(150),
  );
});

/** Lets one after the other pass his gate, as chance has it, until nobody waits. */
async function play(queue: Waiting[], chance: Chance, check: (step: number) => void): Promise<void> {
  const turns = new Turns(chance);
  for (let step = 0; ; step += 1) {
    await turn();
    check(step);
    const next = turns.take(queue);
    if (!next) return;
    next.go();
  }
}

/** When all have ended or died, a newcomer can have the lock, and leaves nothing but the last generation. */
async function afterwards(folder: string, queue: Waiting[]): Promise<void> {
  const newcomer = new SimulatedProcess('newcomer', { pid: 99, boot: 'here|boot|1' }, queue);
  register(newcomer);
  newcomer.start(async () => {
    const locks = createLocks(folder);
    await locks.sweep(false);
    const unlock = await locks.tryAcquire('vm');
    expect(unlock).toBeDefined();
    await unlock?.();
  });
  await play(queue, new Chance(0), () => {});
  expect(newcomer.failure).toBeUndefined();
  const [last, ...others] = readdirSync(join(folder, 'vm'));
  expect(others).toEqual([]);
  expect(readdirSync(join(folder, 'vm', last ?? ''))).toEqual(['free']);
}
