import { describe, expect, test } from 'vitest';
import { type AgentCommand, askAgent } from '../../../../src/guest/agent/qga-answers.ts';
import type { QgaCalls } from '../../../../src/guest/agent/qga-connection.ts';
import { never } from '../../../support/guest-channel-examples.ts';

/** As QEMU's agent 7.2 gives them. */
const GOOD: Readonly<Record<AgentCommand, unknown>> = {
  'guest-exec': { pid: 311 },
  'guest-exec-status': { exited: true, exitcode: 0, 'out-data': 'aGk=', 'out-truncated': true },
  'guest-file-open': 1000,
  'guest-file-read': { count: 2, 'buf-b64': 'aGk=', eof: true },
  'guest-file-write': { count: 2, eof: false },
  'guest-file-seek': { position: 0, eof: false },
  'guest-file-close': {},
  'guest-get-time': 1_700_000_000_000_000_000,
  'guest-set-time': {},
};

function ask(command: AgentCommand, answer: unknown) {
  const agent: QgaCalls = {
    call: async () => answer,
    sync: async () => {},
    lost: undefined,
    close: () => {},
  };
  return askAgent(agent, command, undefined, { signal: never, deadline: 1_000 });
}

describe.each(Object.entries(GOOD) as [AgentCommand, unknown][])('%s', (command, good) => {
  test('what makes sense is taken as it is', async () => {
    expect(await ask(command, good)).toBe(good);
  });

  test.each([undefined, null, 'noise', [], [1], true, Number.NaN])('%j is a loss', async (answer) => {
    await expect(ask(command, answer)).rejects.toMatchObject({
      code: 'GUEST_AGENT_LOST',
      retryable: true,
      message: expect.stringContaining(command),
    });
  });
});

test.each<[AgentCommand, object]>([
  ['guest-exec', {}],
  ['guest-exec', { pid: '311' }],
  ['guest-exec-status', { exitcode: 0 }],
  ['guest-exec-status', { exited: 'yes' }],
  ['guest-exec-status', { exited: true, exitcode: '0' }],
  ['guest-exec-status', { exited: true, exitcode: 0, 'out-data': 1 }],
  ['guest-exec-status', { exited: true, exitcode: 0, 'err-truncated': 'no' }],
  ['guest-file-read', { count: 2 }],
  // A piece that was cut would be a hole in a file.
  ['guest-file-read', { count: 3, 'buf-b64': 'aGk=' }],
  ['guest-file-write', {}],
  ['guest-file-seek', { eof: true }],
])('%s: %j is a loss, too', async (command, answer) => {
  await expect(ask(command, answer)).rejects.toMatchObject({ code: 'GUEST_AGENT_LOST' });
});
