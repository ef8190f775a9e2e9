import { expect, test } from 'vitest';
import { prlctl } from '../../../../drivers/parallels/programs.ts';
import { withDeadline } from '../../../../src/host/deadline.ts';
import { prlctlExecHost } from '../../../support/prlctl-exec.ts';

test.each([
  ['ends with its deadline', {}],
  ['goes on for a moment after it', { notice: 20 }],
])('a deadline names the command that %s', async (_, notice) => {
  const { host } = prlctlExecHost({ PATH: process.env['PATH'] ?? '' });
  const step = { doing: 'starting box', code: 'PARALLELS_START_FAILED', ...notice };
  const waiting = withDeadline(new AbortController().signal, 100, 'phase boot', (signal) =>
    prlctl({ host, signal }, ['exec', '{1}', 'tail', '-f', '/dev/null'], step),
  );
  await expect(waiting).rejects.toThrow('phase boot took longer than 0.1 s; it waited for the command tail');
});
