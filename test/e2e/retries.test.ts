/** Further attempts of a cell: each on a clean machine, in its own time, and told by every report. */
import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { tinyGuest } from '../support/guests.ts';
import { project, SHARED_CACHE } from '../support/project.ts';

let guest: Awaited<ReturnType<typeof tinyGuest>>;
beforeAll(async () => {
  guest = await tinyGuest();
});

test('no attempt finds what the one before has left in the guest', async () => {
  const { image, key } = guest;
  const p = await project(
    {
      'matrix.yml': `version: 1
targets:
  box: { engine: qemu, image: ${image}, memory: 128M, guest: { user: root, key: ${key}, channel: agent } }
retries: { test: 2 }
test:
  run: |
    [ ! -e /root/left ] && [ ! -e /tmp/left ] && [ ! -e left ] && ! pidof sleep || exit 9
    touch /root/left /tmp/left left; sleep 600 & exit 7
`,
    },
    SHARED_CACHE,
  );
  expect((await p.vmtest('run')).exitCode).toBe(1);
  const { cells } = await p.results();
  expect(cells[0]?.attempts.map(({ outcome, exitCode }) => [outcome, exitCode])).toEqual([
    ['failed', 7],
    ['failed', 7],
    ['failed', 7],
  ]);
});

test('each attempt has the whole of its deadlines', async () => {
  const p = await project({
    'matrix.yml': `version: 1
targets: { box: { engine: fake, latency: { run: 1s }, fail: { run: { exit-code: 7 } } } }
retries: { test: 2 }
test: { run: 'true', timeout: 2s }
`,
  });
  await p.vmtest('run');
  const { cells } = await p.results();
  expect(cells[0]?.attempts.map(({ exitCode }) => exitCode)).toEqual([7, 7, 7]);
});

test.each([
  ['the engine failed, and the tests passed then', { engine: 'fail: { boot: { times: 1 } }', attempts: 2 }],
  ['the tests fail each time', { engine: 'fail: { run: { exit-code: 7 } }', attempts: 3 }],
])('every report tells of attempts: %s', async (_, { engine, attempts }) => {
  const p = await project(
    {
      'matrix.yml': `version: 1
targets: { box: { engine: fake, junit: { pass: 1 }, ${engine} } }
retries: { test: 2, error: 1 }
test: { run: 'true', results: [r.xml] }
`,
    },
    { GITHUB_STEP_SUMMARY: 'summary.md' },
  );
  const names = ['terminal', 'junit', 'json', 'ctrf', 'html', 'github', 'events'];
  const { stdout } = await p.vmtest('run', ...names.flatMap((name) => ['-r', name]));
  expect(stdout).toContain(`${attempts} attempts)`);
  expect(stdout).toContain('(1 tried again)');
  expect(await readFile(p.path('summary.md'), 'utf8')).toContain('(1 tried again)');
  const out = (name: string) => p.read('vmtest-results', name);
  expect(await out('junit.xml')).toContain(`name="vmtest.attempts" value="${attempts}"`);
  expect(await out('ctrf.json')).toContain(`"attempts":"${attempts}"`);
  expect((await p.results()).cells[0]?.attempts).toHaveLength(attempts);
  expect((await out('events.ndjson')).match(/"type":"cell:attempt"/g)).toHaveLength(attempts);
});
