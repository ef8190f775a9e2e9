/** The built command line on Parallels VMs, over the stand-in: clones side by side, restores in place, and a killed run. */
import { beforeAll, expect, test } from 'vitest';
import { NAME, type Parallels, parallelsWithVm } from '../engine/parallels/support.ts';
import { type } from '../standins/prlctl/person.ts';
import { allVms } from '../standins/prlctl/state.ts';
import { tinyGuest } from '../support/guests.ts';
import { project } from '../support/project.ts';

let parallels: Parallels;
let key: string;

beforeAll(async () => {
  parallels = await parallelsWithVm();
  parallels.standIns.setFaults('slow-states', 'lingering-lock', 'junk');
  ({ key } = await tinyGuest());
});

const matrix = (run: string) => `version: 1
targets:
  clones:
    engine: parallels
    vm: ${JSON.stringify(NAME)}
    snapshot: clean
    guest: { user: root, key: ${key}, port: 2222 }
  in-place:
    engine: parallels
    vm: ${JSON.stringify(NAME)}
    snapshot: clean/live
    guest: { user: root, channel: agent }
matrix: { target: [clones, in-place], word: [plain, "it's \\"odd\\""] }
test:
  run: |
    ${run}
  results: ['*.xml']
`;

const REPORT = `test ! -e /root/mark; touch /root/mark
    printf '<testsuite name="s"><testcase name="t"><system-out>%s</system-out></testcase></testsuite>' "$VMTEST_TARGET" > r.xml`;

async function status(): Promise<string> {
  return (await type(parallels.standIns, 'list', NAME, '--no-header', '-o', 'status')).trim();
}

async function left(): Promise<string[]> {
  const clones = (await allVms()).filter(([, { cloneOf }]) => cloneOf).map(([, { name }]) => name);
  return [...clones, ...(await parallels.standIns.leftovers())];
}

test('every cell is clean, by clone and in place, and nothing is left', async () => {
  const p = await project({ 'matrix.yml': matrix(REPORT) }, parallels.standIns.env());
  const { exitCode, stdout, stderr } = await p.vmtest('run', '--jobs', '2');
  expect({ exitCode, out: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, out: '' });
  const { cells, summary } = await p.results();
  expect(summary.cells).toMatchObject({ total: 4, passed: 4 });
  for (const { suites, target } of cells) {
    expect(suites[0]?.cases[0]).toMatchObject({ name: 't', stdout: `${target}\n` });
  }
  expect(await left()).toEqual([]);
  expect(await status()).toBe('stopped');
});

test('a clone is made when the cell that has the VM itself is done with it, however long that takes', async () => {
  const text = `${matrix('sleep 8; true')}timeouts: { restore: 4s }\n`.replace("  results: ['*.xml']\n", '');
  const p = await project({ 'matrix.yml': text }, parallels.standIns.env());
  const cells = ['clones/word=plain', 'in-place/word=plain'];
  const { exitCode, stdout, stderr } = await p.vmtest(
    'run',
    '--jobs',
    '2',
    '-r',
    'plain',
    '-r',
    'json',
    ...cells,
  );
  expect({ exitCode, out: exitCode === 0 ? '' : stdout + stderr }).toEqual({ exitCode: 0, out: '' });
  const notes = (await p.results()).cells.flatMap((cell) => cell.notes);
  expect(notes.filter((note) => /^waited [\d.]+ s: the VM .* is in use by/.test(note))).toHaveLength(1);
});

test('what a killed run leaves, `clean` takes away', async () => {
  const p = await project({ 'matrix.yml': matrix('echo started; sleep 600') }, parallels.standIns.env());
  // One after the other, since the VM is not cloned while a cell has it.
  const running = async (cell: string) => {
    const run = p.start('run', '-r', 'plain', '-o', cell, cell);
    await run.says(/\| started/);
    return run;
  };
  const runs = [await running('clones/word=plain'), await running('in-place/word=plain')];
  for (const run of runs) run.kill('SIGKILL');
  await Promise.all(runs.map(({ ended }) => ended));
  expect(await parallels.standIns.leftovers()).toHaveLength(2);
  const { exitCode, stdout } = await p.vmtest('clean');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('parallels clone vmtest-');
  expect(stdout).toContain(NAME);
  expect(await left()).toEqual([]);
  expect(await status()).toBe('stopped');
});
