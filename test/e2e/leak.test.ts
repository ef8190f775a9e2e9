/** A machine that could not be removed is not forgotten. */
import { expect, test } from 'vitest';
import { namesIn } from '../../src/host/names-in.ts';
import { project } from '../support/project.ts';

test('what a failed release leaves keeps its lease, until `clean` has swept it', async () => {
  const p = await project({
    'matrix.yml': `version: 1
targets: { box: { engine: fake, fail: { release: { cells: 'box/node=20' } } } }
matrix: { node: [20, 22] }
test: { run: ./test.sh }
`,
  });
  const leases = () => namesIn(`${p.stateFolder}/leases`);
  const { exitCode } = await p.vmtest('run');
  expect(exitCode).toBe(0);
  expect(await leases()).toHaveLength(1);
  const notes = (await p.results()).cells.flatMap(({ attempts }) => attempts.flatMap(({ notes }) => notes));
  expect(notes.join('\n')).toContain('`vmtest clean` tries again');
  await p.vmtest('clean');
  expect(await leases()).toEqual([]);
});
