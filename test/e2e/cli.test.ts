/** The built command line on the make-believe engine: what a person and a CI job see of each way to end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { CLI, project } from '../support/project.ts';

const matrix = (target: string, rest = '') => `version: 1
targets: { box: { engine: fake${target} } }
matrix: { node: [20, 3.10] }
${rest}
test: { run: ./test.sh, results: ['reports/*.xml'] }
`;

describe('vmtest run', () => {
  test('passes, and leaves what it promises', async () => {
    const p = await project({ 'matrix.yml': matrix(', junit: { pass: 2, skip: 1 }') });
    const { exitCode, stdout, stderr } = await p.vmtest('run');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('box/node=3.10');
    const results = await p.results();
    expect(results.summary).toEqual({
      cells: { total: 2, passed: 2, failed: 0, error: 0, skipped: 0, cancelled: 0, flaky: 0 },
      tests: { total: 6, passed: 4, failed: 0, error: 0, skipped: 2 },
    });
    expect(results.cells.map(({ id, slug, values }) => ({ id, slug, values }))).toEqual([
      { id: 'box/node=20', slug: 'box_node-20', values: { node: '20' } },
      { id: 'box/node=3.10', slug: 'box_node-3-10', values: { node: '3.10' } },
    ]);
    expect(await readdir(p.path('vmtest-results', 'cells', 'box_node-20'))).toEqual(
      expect.arrayContaining(['junit.xml', 'output.log', 'results']),
    );
    expect(await p.read('vmtest-results', 'cells', 'box_node-20', 'output.log')).toBe('$ ./test.sh\n');
    expect(await p.read('vmtest-results', 'junit.xml')).toContain('tests="6"');
  });

  test('a failed test is 1, and named', async () => {
    const p = await project({ 'matrix.yml': matrix(', junit: { pass: 1, fail: 1 }') });
    const { exitCode, stdout } = await p.vmtest('run');
    expect(exitCode).toBe(1);
    expect(stdout).toContain('fails 1');
    expect((await p.results()).run).toMatchObject({ outcome: 'failed', exitCode: 1 });
  });

  test('what could not be run is 3, with phase, code and hint', async () => {
    const p = await project({
      'matrix.yml': matrix(
        ', junit: { pass: 1 }, fail: { boot: { code: BROKEN_BOOT } }',
        'retries: { error: 0 }',
      ),
    });
    const { exitCode, stdout } = await p.vmtest('run');
    expect(exitCode).toBe(3);
    expect(stdout).toContain('BROKEN_BOOT');
    const [cell] = (await p.results()).cells;
    expect(cell).toMatchObject({
      outcome: 'error',
      phase: 'boot',
      error: { code: 'BROKEN_BOOT', hint: expect.any(String) },
    });
  });

  test('a passing command without the results it promised is an error, never a pass', async () => {
    const p = await project({ 'matrix.yml': matrix('') });
    expect((await p.vmtest('run')).exitCode).toBe(3);
    expect((await p.results()).cells[0]).toMatchObject({
      phase: 'collect',
      error: { code: 'RESULTS_MISSING' },
    });
  });

  test('a target that cannot run here is told first, and does not stop the others', async () => {
    const p = await project({
      'matrix.yml': `version: 1
targets:
  here: { engine: fake }
  gone: { engine: fake, unavailable: no such snapshot }
test: { run: 'true' }
`,
    });
    const { exitCode, stdout } = await p.vmtest('run');
    expect(exitCode).toBe(3);
    expect(stdout).toContain('no such snapshot');
    const outcomes = (await p.results()).cells.map(({ id, outcome, phase }) => [id, outcome, phase]);
    expect(outcomes).toEqual([
      ['here', 'passed', undefined],
      ['gone', 'error', 'queue'],
    ]);
  });

  test('retries errors and tests separately, and calls a late pass by its name', async () => {
    const p = await project({
      'matrix.yml': `version: 1
targets:
  shaky-host: { engine: fake, fail: { boot: { times: 1 } } }
  shaky-test: { engine: fake, fail: { run: { times: 1, exit-code: 7 } } }
retries: { test: 1, error: 1 }
test: { run: 'true' }
`,
    });
    expect((await p.vmtest('run')).exitCode).toBe(0);
    const [host, tests] = (await p.results()).cells;
    expect(host).toMatchObject({
      outcome: 'passed',
      attempts: [{ outcome: 'error', phase: 'boot' }, { outcome: 'passed' }],
    });
    expect(tests).toMatchObject({
      outcome: 'flaky',
      attempts: [{ outcome: 'failed', exitCode: 7 }, { outcome: 'passed' }],
    });
    expect(await readdir(p.path('vmtest-results/cells/shaky-test'))).toEqual(
      expect.arrayContaining(['attempt-1', 'output.log']),
    );
  });

  test('fail-fast cancels the rest; an allowed failure does not', async () => {
    const failing = (allowed: string) => `version: 1
targets: { box: { engine: fake, latency: { run: 20ms }, fail: { run: { cells: 'box/n=1', exit-code: 1 } } } }
matrix: { n: [1, 2, 3, 4] }
limits: { jobs: 1 }
fail-fast: true
test: { run: 'true'${allowed} }
`;
    const strict = await project({ 'matrix.yml': failing('') });
    expect((await strict.vmtest('run')).exitCode).toBe(1);
    const { summary } = await strict.results();
    expect(summary.cells.failed).toBe(1);
    const lenient = await project({ 'matrix.yml': failing(', continue-on-error: true') });
    expect((await lenient.vmtest('run')).exitCode).toBe(0);
    expect((await lenient.results()).summary.cells).toMatchObject({ failed: 1, passed: 3, cancelled: 0 });
  });

  test('a hanging phase is cut by its deadline; a hanging test is a failed test', async () => {
    const p = await project({
      'matrix.yml': `version: 1
targets:
  stuck-boot: { engine: fake, fail: { boot: { how: hang } }, timeouts: { boot: 100ms } }
  stuck-test: { engine: fake, fail: { run: { how: hang } } }
retries: { error: 0 }
test: { run: 'true', timeout: 200ms }
`,
    });
    expect((await p.vmtest('run')).exitCode).toBe(1);
    const [boot, tests] = (await p.results()).cells;
    expect(boot).toMatchObject({ outcome: 'error', phase: 'boot', error: { code: 'TIMEOUT' } });
    expect(tests?.outcome).toBe('failed');
    expect(tests?.suites[0]?.cases[0]?.failures?.[0]?.message).toMatch(/test\.timeout/);
  });

  test('a silent test is a failed test, long before its deadline; a silent setup is an error', async () => {
    const p = await project({
      'matrix.yml': `version: 1
targets:
  silent: { engine: fake, fail: { run: { how: hang } } }
  patient: { engine: fake, latency: { run: 300ms }, timeouts: { idle: 10s } }
  setup: { engine: fake, fail: { setup: { how: hang } } }
retries: { error: 0 }
test: { setup: 'true', run: 'true', idle-timeout: 100ms }
`,
    });
    expect((await p.vmtest('run')).exitCode).toBe(1);
    const [silent, patient, setup] = (await p.results()).cells;
    expect(silent?.outcome).toBe('failed');
    expect(silent?.suites[0]?.cases[0]?.failures?.[0]).toMatchObject({
      type: 'vmtest.timeout',
      message: 'the command printed nothing for 0.1 s (test.idle-timeout) and was ended',
    });
    expect(patient?.outcome).toBe('passed');
    expect(setup).toMatchObject({ outcome: 'error', phase: 'setup', error: { code: 'SILENT' } });
  });

  test('--timeout ends the whole run: what runs or waits is cancelled, 3, reports written', async () => {
    const p = await project({
      'matrix.yml': `version: 1
targets: { quick: { engine: fake }, slow: { engine: fake, latency: { run: 60s } } }
matrix: { n: [1, 2] }
limits: { jobs: 4, cpus: 4 }
test: { run: 'true' }
`,
    });
    const { exitCode, stdout } = await p.vmtest('run', '--timeout', '4s');
    expect(exitCode).toBe(3);
    expect(stdout).toContain('the whole run (--timeout) took longer than 4 s');
    const { run, summary } = await p.results();
    expect(run).toMatchObject({ outcome: 'cancelled', exitCode: 3 });
    expect(summary.cells).toMatchObject({ total: 4, passed: 2, cancelled: 2 });
    const wrong = await p.vmtest('run', '--timeout', '30 min');
    expect(wrong.exitCode).toBe(2);
    expect(wrong.stderr).toContain('Did you mean 30m?');
  });

  test('a machine that dies is an error of the phase it died in', async () => {
    const p = await project({
      'matrix.yml': matrix(', fail: { run: { how: die } }', 'retries: { error: 0 }'),
    });
    expect((await p.vmtest('run')).exitCode).toBe(3);
    expect((await p.results()).cells[0]).toMatchObject({ phase: 'run', error: { code: 'MACHINE_DIED' } });
  });

  test('Ctrl-C winds down: running cells are cancelled, reports written, 130', async () => {
    const p = await project({
      'matrix.yml': `version: 1
targets: { box: { engine: fake, latency: { run: 60s } } }
matrix: { n: [1, 2, 3] }
limits: { jobs: 2 }
test: { run: 'true' }
`,
    });
    const running = p.start('run');
    await running.says(/box\/n=/);
    running.kill('SIGINT');
    expect((await running.ended).exitCode).toBe(130);
    const { run, summary } = await p.results();
    expect(run).toMatchObject({ outcome: 'cancelled', exitCode: 130 });
    expect(summary.cells).toMatchObject({ total: 3, cancelled: 3 });
    expect(await p.read('vmtest-results', 'junit.xml')).toContain('<skipped');
  });

  test('a test that fails again says how often it did', async () => {
    const p = await project({ 'matrix.yml': matrix(', junit: { pass: 1, fail: 1 }') });
    const recent = async () =>
      (await p.results()).cells.map(
        ({ suites }) => suites[0]?.cases.find(({ status }) => status === 'failed')?.recent,
      );
    await p.vmtest('run');
    expect(await recent()).toEqual([undefined, undefined]);
    const { stdout } = await p.vmtest('run');
    expect(await recent()).toEqual([1, 1].map((runs) => ({ runs, failed: 1, flaky: 0 })));
    // Of both cells.
    expect(stdout).toContain('failed in 2 of the 2 runs of these cells before\n');
  });

  test('secrets are masked in output, logs and reports', async () => {
    const p = await project(
      {
        'matrix.yml': `version: 1
targets: { box: { engine: fake, output: ['the token is hunter2-hunter2'] } }
secrets: [MY_TOKEN]
test: { run: 'use hunter2-hunter2' }
`,
      },
      { MY_TOKEN: 'hunter2-hunter2' },
    );
    const { exitCode, stdout } = await p.vmtest('run');
    expect(exitCode).toBe(0);
    const everything = [
      stdout,
      await p.read('vmtest-results', 'results.json'),
      await p.read('vmtest-results', 'junit.xml'),
      await p.read('vmtest-results', 'cells', 'box', 'output.log'),
    ].join('\n');
    expect(everything).not.toContain('hunter2');
    expect(everything).toContain('the token is ***');
  });

  test('refuses an output folder that it did not make, and another run in its own', async () => {
    const p = await project({ 'matrix.yml': matrix(', junit: { pass: 1 }'), 'mine/diary.txt': 'keep me' });
    const foreign = await p.vmtest('run', '--output', 'mine');
    expect(foreign).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('OUTPUT_NOT_OURS') });
    expect(await p.read('mine', 'diary.txt')).toBe('keep me');

    const q = await project({ 'matrix.yml': matrix(', junit: { pass: 1 }, latency: { run: 60s }') });
    const first = q.start('run');
    await first.says(/box\/node/);
    expect((await q.vmtest('run')).stderr).toContain('OUTPUT_IN_USE');
    first.kill('SIGTERM');
    expect((await first.ended).exitCode).toBe(130);
  });

  test('--dry-run starts nothing; --last-failed, selectors and shards choose', async () => {
    const p = await project({
      'matrix.yml': `version: 1
targets: { box: { engine: fake, fail: { run: { cells: 'box/n=2', exit-code: 1 } } } }
matrix: { n: [1, 2, 3, 4] }
test: { run: 'true' }
`,
    });
    const dry = await p.vmtest('run', '--dry-run', 'n=3');
    expect(dry.exitCode).toBe(0);
    expect(dry.stdout).toContain('box/n=3');
    await expect(p.results()).rejects.toThrow('ENOENT');

    expect((await p.vmtest('run')).exitCode).toBe(1);
    expect((await p.results()).cells[1]).not.toHaveProperty('recent');
    expect((await p.vmtest('run', '--last-failed')).exitCode).toBe(1);
    const [again, ...others] = (await p.results()).cells;
    expect(again).toMatchObject({ id: 'box/n=2', recent: { runs: 1, failed: 1 } });
    expect(others).toEqual([]);

    const shards = [];
    for (const shard of ['1/3', '2/3', '3/3']) {
      await p.vmtest('run', '--shard', shard);
      shards.push((await p.results()).cells.map(({ id }) => id));
    }
    expect(shards.flat().sort()).toEqual(['box/n=1', 'box/n=2', 'box/n=3', 'box/n=4']);
    expect(await p.vmtest('run', '--last-failed', 'n=1')).toMatchObject({ exitCode: 4 });
  });

  test('the same seed gives the same order', async () => {
    const p = await project({
      'matrix.yml': `version: 1
targets: { box: { engine: fake, latency: { run: 3ms } } }
matrix: { n: [1, 2, 3, 4, 5, 6, 7, 8] }
limits: { jobs: 1 }
test: { run: 'true' }
`,
    });
    const order = async (seed: string) => {
      await p.vmtest('run', '--seed', seed, '-r', 'plain', '-r', 'json');
      const { cells, run } = await p.results();
      expect(run.seed).toBe(seed);
      const started = (cell: (typeof cells)[number]) => cell.attempts[0]?.started ?? '';
      return cells.toSorted((a, b) => started(a).localeCompare(started(b))).map(({ id }) => id);
    };
    const first = await order('a');
    expect(await order('a')).toEqual(first);
    expect(await order('b')).not.toEqual(first);
  });

  test('--repeat runs every cell so many times', async () => {
    const p = await project({ 'matrix.yml': matrix(', junit: { pass: 1 }') });
    expect((await p.vmtest('run', 'node=20', '--repeat', '3')).exitCode).toBe(0);
    expect((await p.results()).cells.map(({ id, slug }) => [id, slug])).toEqual([
      ['box/node=20', 'box_node-20'],
      ['box/node=20#2', 'box_node-20_2'],
      ['box/node=20#3', 'box_node-20_3'],
    ]);
  });
});

describe('the other commands', () => {
  test('validate is silent when all is well, and 2 with every problem otherwise', async () => {
    const p = await project({
      'good.yml': matrix(''),
      'bad.yml': matrix(', snapshoot: clean').replace('node', 'nod3:'),
    });
    expect(await p.vmtest('validate', 'good.yml')).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    const bad = await p.vmtest('validate', 'bad.yml');
    expect(bad.exitCode).toBe(2);
    expect(bad.stderr).toMatch(/bad\.yml:2:\d+: .*snapshoot/);
    expect((await p.vmtest('validate', 'missing.yml')).exitCode).toBe(2);
  });

  test('list prints cells as a table, as JSON and for GitHub', async () => {
    const p = await project({ 'matrix.yml': matrix('') });
    expect((await p.vmtest('list')).stdout).toMatch(
      /^cell +target +node +engine +snapshot\nbox\/node=20 +box +20 +fake +clean\n/,
    );
    expect(JSON.parse((await p.vmtest('list', '--json')).stdout)).toEqual({
      cells: [
        { id: 'box/node=20', target: 'box', engine: 'fake', snapshot: 'clean', values: { node: '20' } },
        { id: 'box/node=3.10', target: 'box', engine: 'fake', snapshot: 'clean', values: { node: '3.10' } },
      ],
    });
    expect(JSON.parse((await p.vmtest('list', '--github', 'node=20')).stdout)).toEqual({
      include: [{ cell: 'box/node=20', target: 'box', engine: 'fake', snapshot: 'clean', node: '20' }],
    });
  });

  test('list --github says when there are more cells than GitHub takes jobs', async () => {
    const values = Array.from({ length: 257 }, (_, n) => n).join(', ');
    const p = await project({ 'matrix.yml': matrix('').replace('20, 3.10', values) });
    const { exitCode, stdout, stderr } = await p.vmtest('list', '--github');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.stringContaining('256 jobs') });
    expect(JSON.parse(stdout).include).toHaveLength(257);
    expect((await p.vmtest('list', '--github', '--shard', '1/2')).stderr).toBe('');
  });

  test('usage errors are 2, with a suggestion', async () => {
    const p = await project({ 'matrix.yml': matrix('') });
    expect(await p.vmtest('rnu')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('run') });
    expect((await p.vmtest('run', '--jobs', 'many')).exitCode).toBe(2);
    const typo = await p.vmtest('run', 'box/nod=20');
    expect(typo).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('box/node=20') });
  });

  test('a reader that has had enough is no crash', async () => {
    const p = await project({ 'matrix.yml': matrix('') });
    for (const args of [
      ['run', '--help'],
      ['list', '--json'],
    ]) {
      const child = spawn(process.execPath, [CLI, ...args], {
        cwd: p.folder,
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child.stdout.destroy();
      const [stderr, [exitCode]] = await Promise.all([text(child.stderr), once(child, 'close')]);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    }
  });

  test('init writes a file that runs, and never over another', async () => {
    const p = await project({});
    expect((await p.vmtest('init')).exitCode).toBe(0);
    expect((await p.vmtest('run')).exitCode).toBe(0);
    expect((await p.results()).cells).toHaveLength(2);
    expect(await p.vmtest('init')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--force') });
    expect((await p.vmtest('init', '--force')).exitCode).toBe(0);
  });

  test('init names the images and the key beside the file', async () => {
    const p = await project({ 'web server.qcow2': '', 'old.img': '', id_ed25519: '' });
    expect((await p.vmtest('init')).exitCode).toBe(0);
    expect((await p.vmtest('validate')).stderr).toBe('');
    const listed = JSON.parse((await p.vmtest('list', '--json')).stdout) as { cells: { target: string }[] };
    expect(new Set(listed.cells.map(({ target }) => target))).toEqual(new Set(['old', 'web-server']));
    expect(await p.read('matrix.yml')).toMatch(/key: "id_ed25519"/);
  });

  test('init --example writes a project that validates, and never over another', async () => {
    const p = await project({});
    expect((await p.vmtest('init', '--example', 'mine')).stdout).toContain('mine/guests/build.sh');
    expect((await p.vmtest('validate', 'mine/matrix.yml')).exitCode).toBe(0);
    const [line = ''] = (await p.read('mine/matrix.yml')).split('\n');
    expect(JSON.parse(await readFile(line.split('$schema=')[1] ?? '', 'utf8'))).toHaveProperty('$schema');
    await writeFile(p.path('mine', 'matrix.yml'), 'mine');
    expect((await p.vmtest('init', '--example', 'mine')).exitCode).toBe(2);
    expect(await p.read('mine/matrix.yml')).toBe('mine');
  });

  test('doctor names every engine, and what is wrong with a target', async () => {
    const p = await project({ 'matrix.yml': matrix(', unavailable: not today') });
    const { exitCode, stdout } = await p.vmtest('doctor', 'matrix.yml');
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/qemu/);
    expect(stdout).toContain('not today');
  });

  test('clean has nothing to do on a tidy host', async () => {
    const p = await project({});
    expect(await p.vmtest('clean')).toMatchObject({ exitCode: 0, stdout: 'nothing to clean\n' });
  });
});
