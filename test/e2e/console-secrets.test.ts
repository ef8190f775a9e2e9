/** Secrets that a guest prints on its console: an engine writes them down, and vmtest masks them. */
import { readdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { expect, test } from 'vitest';
import { project } from '../support/project.ts';

/** An engine whose guest is a shell of this host; the console says what a careless boot script would. */
const ENGINE = `#!/bin/sh
case $1 in
  probe) echo '{"verbs":["exec"]}' ;;
  restore | release) ;;
  start) echo "login token: $MY_TOKEN" >>"$VMTEST_CONSOLE_LOG" ;;
  exec)
    [ "$VMTEST_TARGET" = silent ] && exit 1
    cd "$VMTEST_FOLDER" && HOME=$PWD TMPDIR=$PWD exec sh -c "$VMTEST_COMMAND"
    ;;
esac
`;
const REPORTERS = ['plain', 'json', 'junit', 'html', 'events'];
const target = (more = '') =>
  `{ engine: command, program: [sh, ./engine.sh], os: linux, snapshot: clean, guest: { user: ${userInfo().username}, channel: agent }${more} }`;

test('are masked in the console’s log, in errors, in reports; artifacts stay as they are', async () => {
  const p = await project(
    {
      'engine.sh': ENGINE,
      'matrix.yml': `version: 1
targets:
  talks: ${target()}
  silent: ${target(', timeouts: { connect: 3s }')}
secrets: [MY_TOKEN]
retries: { error: 1 }
test: { run: 'echo "$MY_TOKEN" >mine.txt', env: { MY_TOKEN: "\${{ env.MY_TOKEN }}" }, artifacts: [mine.txt] }
`,
    },
    { MY_TOKEN: 'hunter2-hunter2' },
  );
  const { exitCode, stdout } = await p.vmtest('run', ...REPORTERS.flatMap((name) => ['-r', name]));
  expect(exitCode).toBe(3);

  const read = (...path: string[]) => p.read('vmtest-results', ...path);
  expect(await read('cells', 'talks', 'console.log')).toBe('login token: ***\n');
  expect(await read('cells', 'silent', 'console.log')).toBe('login token: ***\n');
  expect(await read('cells', 'silent', 'attempt-1', 'console.log')).toBe('login token: ***\n');
  expect(await read('cells', 'talks', 'artifacts', 'mine.txt')).toBe('hunter2-hunter2\n');

  const { cells } = await p.results();
  expect(cells.find(({ id }) => id === 'silent')?.error?.details).toContain('login token: ***');
  const files = await readdir(p.path('vmtest-results'), { recursive: true });
  const texts = files.filter((name) => /\.(?:log|xml|json|ndjson)$/.test(name));
  const all = await Promise.all(texts.map((name) => read(name)));
  expect([stdout, ...all].join('\n')).not.toContain('hunter2');
  expect(texts.length).toBeGreaterThan(8);
});
