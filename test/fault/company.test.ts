/** Several runs on one host, killed, cancelled and swept at every possible moment: nothing leaks, nothing is taken, no cell is lost. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { VmtestError } from '../../src/host/errors.ts';
import type { RunRequest } from '../support/simulated/run-in-memory.ts';
import { type Actor, type Incident, type Story, World } from '../support/simulated/world.ts';
import { manyRuns } from './many-runs.ts';

vi.mock('node:fs/promises', () => import('../support/simulated/fs-promises.ts'));
vi.mock('node:fs', async (original) => ({
  ...(await original<object>()),
  ...(await import('../support/simulated/fs.ts')),
}));
vi.mock('node:timers/promises', () => import('../support/fake-delay.ts'));
vi.mock('../../src/host/process-identity.ts', () => import('../support/simulated/process-identity.ts'));
vi.mock('../../drivers/registry.ts', async (original) => ({
  ...(await original<object>()),
  loadDriver: async () => (await import('../support/simulated/run-in-memory.ts')).driverIn(),
}));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const request: fc.Arbitrary<RunRequest> = fc.record({
  jobs: fc.integer({ min: 1, max: 3 }),
  failFast: fc.boolean(),
  targets: fc.array(
    fc.record({
      vm: fc.constantFrom('debian' as const, 'windows' as const),
      clone: fc.constantFrom('auto' as const, 'none' as const),
      cells: fc.integer({ min: 1, max: 2 }),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  ends: fc.array(fc.constantFrom('pass' as const, 'fail' as const, 'break' as const), {
    minLength: 1,
    maxLength: 3,
  }),
});

const incident: fc.Arbitrary<Incident> = fc.record({
  after: fc.nat({ max: 250 }),
  what: fc.constantFrom('kill', 'kill', 'cancel', 'run', 'clean', 'clock', 'disk'),
  which: fc.nat({ max: 20 }),
});

const story: fc.Arbitrary<Story> = fc.record({
  runs: fc.array(request, { minLength: 1, maxLength: 3 }),
  incidents: fc.array(incident, { maxLength: 8 }),
  seed: fc.nat(),
  trouble: fc.constantFrom(0, 0, 2, 10),
  slow: fc.boolean(),
});

async function tell(story: Story, afterwards: (world: World) => Promise<void> | void): Promise<void> {
  const world = new World(structuredClone(story));
  try {
    await world.play();
    await afterwards(world);
  } catch (error) {
    const [message, tail] = [(error as Error).message, world.tail()];
    throw new Error(`${message}\n\nThe last steps:\n${tail}`, { cause: error });
  } finally {
    vi.clearAllTimers();
    world.remove();
  }
}

/** Each cell that a run had, once, also when it was cancelled; or a clean error before any cell has begun. */
function expectWhole({ process, events, result }: Actor): void {
  if (process.failure !== undefined) {
    expect(process.failure).toBeInstanceOf(VmtestError);
    expect(events.map(({ type }) => type)).not.toContain('cell:start');
    return;
  }
  const [start] = events.filter((event) => event.type === 'run:start');
  const ends = events.filter((event) => event.type === 'cell:end');
  const all = start?.cells.map(({ id }) => id).sort();
  expect(ends.map(({ cell }) => cell.id).sort()).toEqual(all);
  expect(result?.cells.map(({ id }) => id).sort()).toEqual(all);
  expect(events.at(-1)?.type).toBe('run:end');
}

/** What a run has not taken away it tells of. */
function expectHonest({ process, result }: Actor, world: World): void {
  const told = JSON.stringify(result?.cells ?? []).includes('`vmtest clean` tries again');
  if (!told) expect(world.leasesOf(process), `${process.name} has ended`).toEqual([]);
}

function filesBelow(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
}

describe('runs in company', () => {
  test('end whole or dead, and the next sweep leaves nothing', { timeout: 3_600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(story, (told) =>
        tell(told, async (world) => {
          for (const actor of world.actors) {
            if (!actor.request || actor.process.isDead) continue;
            expectWhole(actor);
            expectHonest(actor, world);
          }
          await world.sweepAll();
          expect(world.engine.leftovers()).toEqual([]);
          expect(world.engine.vms.filter(({ state }) => state !== 'off')).toEqual([]);
          expect(filesBelow(join(world.state, 'leases'))).toEqual([]);
          expect(filesBelow(join(world.state, 'machines'))).toEqual([]);
          expect(filesBelow(world.state).filter((name) => name.endsWith('.tmp'))).toEqual([]);
          const again = await world.sweepAll();
          expect(again).toEqual({ swept: [], left: [], rest: [], unreadable: [] });
        }),
      ),
      manyRuns(80),
    );
  });

  test('pass what passes when nothing befalls them', { timeout: 3_600_000 }, async () => {
    const calm = story.map((told) => ({
      ...told,
      incidents: [],
      trouble: 0,
      slow: false,
      runs: told.runs.map((each) => ({ ...each, ends: ['pass' as const] })),
    }));
    await fc.assert(
      fc.asyncProperty(calm, (told) =>
        tell(told, (world) => {
          for (const actor of world.actors) {
            expectWhole(actor);
            expect(actor.result?.cells.map(({ outcome }) => outcome)).not.toContain('error');
          }
        }),
      ),
      manyRuns(15),
    );
  });
});
