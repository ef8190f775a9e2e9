/** A guest whose end of a command never arrives: nobody knows how the test ended, so it has neither passed nor failed. */
import { chmod } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { expect, test } from 'vitest';
import { project } from '../support/project.ts';

/** This host stands for the guest. The output and the end of a command that makes the file `hold` are kept back. */
const ENGINE = `#!/bin/sh
export TMPDIR="$VMTEST_FOLDER"
case $1 in
probe) echo '{"verbs": ["exec"]}' ;;
exec)
  sh -c "$VMTEST_COMMAND" >"$TMPDIR/$$"; code=$?
  if rm "$TMPDIR/hold" 2>/dev/null; then exec sleep 600; fi
  cat "$TMPDIR/$$"; exit $code ;;
*) echo '{}' ;;
esac
`;

test('a test that was over when its limit came, but was not heard of, is an error', async () => {
  const p = await project({
    'engine.sh': ENGINE,
    'matrix.yml': `version: 1
targets:
  box: { engine: command, program: [./engine.sh], guest: { user: ${userInfo().username}, channel: agent } }
matrix: { target: [box], n: [ends, kept-back, hangs] }
retries: { error: 0 }
test:
  run: |
    case $VMTEST_N in hangs) exec sleep 600 ;; kept-back) : >"$VMTEST_FOLDER/hold" ;; esac
  timeout: 3s
`,
  });
  await chmod(p.path('engine.sh'), 0o755);
  await p.vmtest('run');
  const { cells } = await p.results();
  const ends = cells.map(({ values, outcome, error }) => [values['n'], outcome, error?.code]);
  expect(ends).toEqual([
    ['ends', 'passed', undefined],
    ['kept-back', 'error', 'GUEST_NOT_HEARD'],
    ['hangs', 'failed', undefined],
  ]);
  expect(cells[1]?.error?.message).toMatch(/^phase run took longer than 3 s; .*nobody had told of it$/);
});
