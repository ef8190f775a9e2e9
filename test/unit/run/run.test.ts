import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createHost } from '../../../src/host/create-host.ts';
import type { RunEvent } from '../../../src/results/events.ts';
import { plan } from '../../../src/run/plan.ts';
import { run } from '../../../src/run/run.ts';
import { scratchFolder } from '../../support/scratch.ts';

const MATRIX = {
  version: 1,
  targets: {
    bad: { engine: 'fake', fail: { connect: { times: 1 } } },
    good: { engine: 'fake' },
  },
  matrix: { target: ['bad', 'good'] },
  limits: { jobs: 1 },
  test: { run: 'true' },
};

async function runIn(folder: string, onEvent: (event: RunEvent) => void, matrix: object = MATRIX) {
  const file = join(folder, 'matrix.yml');
  await writeFile(file, JSON.stringify(matrix));
  const told: string[] = [];
  const paths = { state: join(folder, 'state'), cache: join(folder, 'cache') };
  const host = createHost({ paths, warn: (message) => told.push(message) });
  const planned = await plan(host, { file });
  const result = await run(host, planned, { output: join(folder, 'out'), onEvent });
  return { result, told };
}

test('a cell whose files cannot be moved ends as an error, and the others go on', async () => {
  const folder = await scratchFolder();
  const inTheWay = join(folder, 'out', 'cells', 'bad', 'attempt-1');
  const { result } = await runIn(folder, (event) => {
    if (event.type !== 'cell:attempt' || !event.willRetry) return;
    mkdirSync(join(inTheWay, '..'), { recursive: true });
    writeFileSync(inTheWay, 'a file where a folder should be');
  });
  expect(result.cells.map(({ id, outcome }) => [id, outcome])).toEqual([
    ['bad', 'error'],
    ['good', 'passed'],
  ]);
});

test('a history that cannot be saved is a warning', async () => {
  const folder = await scratchFolder();
  await mkdir(join(folder, 'state'));
  await writeFile(join(folder, 'state', 'history'), 'a file where a folder should be');
  const { result, told } = await runIn(folder, () => {});
  expect(result.cells).toHaveLength(2);
  expect(told.at(-1)).toMatch(/^what this run saw was not kept for the next one: /);
});

test('a command that takes too long is a failure; with a guest that does not answer any more, an error', async () => {
  const slow = { engine: 'fake', fail: { run: { how: 'hang' } } };
  const { result } = await runIn(await scratchFolder(), () => {}, {
    version: 1,
    targets: { slow, lost: { ...slow, fail: { ...slow.fail, collect: {} } } },
    retries: { error: 0 },
    test: { run: 'true', timeout: '1s' },
  });
  expect(result.cells).toMatchObject([
    { id: 'slow', outcome: 'failed' },
    {
      id: 'lost',
      outcome: 'error',
      phase: 'collect',
      notes: ['the command had to be ended, and the guest did not answer any more then'],
    },
  ]);
});
