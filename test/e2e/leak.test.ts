/** A machine that could not be removed is not forgotten. */
import { expect, test } from 'vitest';
import { namesIn } from '../../src/host/names-in.ts';
import { project } from '../support/project.ts';

const matrix = (fail: string) => `version: 1
targets: { box: { engine: fake, fail: ${fail} } }
matrix: { node: [20, 22] }
retries: { error: 0 }
test: { run: ./test.sh }
`;

test.each([
  ['a failed release', "{ release: { cells: 'box/node=20' } }", 0],
  ['a restore that failed and could not be undone', "{ restore: { cells: 'box/node=20' }, release: {} }", 3],
])('what %s leaves keeps its lease, until `clean` has swept it', async (_what, fail, ends) => {
  const p = await project({ 'matrix.yml': matrix(fail) });
  const leases = () => namesIn(`${p.stateFolder}/leases`);
  const { exitCode } = await p.vmtest('run', 'node=20');
  expect(exitCode).toBe(ends);
  expect(await leases()).toHaveLength(1);
  const notes = (await p.results()).cells.flatMap(({ attempts }) => attempts.flatMap(({ notes }) => notes));
  expect(notes.join('\n')).toContain('`vmtest clean` tries again');
  await p.vmtest('clean');
  expect(await leases()).toEqual([]);
});
