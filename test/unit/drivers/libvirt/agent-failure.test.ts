import { describe, expect, test } from 'vitest';
import { parseAgentFailure } from '../../../../drivers/libvirt/agent-failure.ts';

const refusal = (command: string, desc: string) =>
  `error: internal error: unable to execute QEMU agent command '${command}': ${desc}\n`;

describe('the agent refuses', () => {
  test.each([
    'The command guest-exec has been disabled for this instance',
    'Command guest-exec has been disabled',
    'Command guest-exec has been disabled: the command is not allowed',
    'The command guest-exec has not been found',
  ])('a command that it does not have: %s', (desc) => {
    expect(parseAgentFailure(refusal('guest-exec', desc))).toEqual({
      refused: { class: 'CommandNotFound', desc },
    });
  });

  test.each([
    ['guest-exec', "Guest agent command failed, error was 'Failed to execute child process “/nope”'"],
    ['guest-file-open', "failed to open file '/nope' (mode: 'r'): No such file or directory"],
    ['guest-exec-status', "Invalid parameter 'pid'"],
  ])('%s: %s', (command, desc) => {
    expect(parseAgentFailure(refusal(command, desc))).toEqual({ refused: { class: 'GenericError', desc } });
  });
});

describe('nobody answers', () => {
  test.each([
    [
      'error: Guest agent is not responding: QEMU guest agent is not connected\n',
      'Guest agent is not responding: QEMU guest agent is not connected',
    ],
    [
      'error: Guest agent is not responding: Guest agent not available for now',
      'Guest agent is not responding: Guest agent not available for now',
    ],
    [
      "error: failed to get domain 'x'\nerror: Domain not found: no domain with matching name 'x'\n",
      "Domain not found: no domain with matching name 'x'",
    ],
    [
      'error: Requested operation is not valid: domain is not running\n',
      'Requested operation is not valid: domain is not running',
    ],
    ['', 'libvirt does not say why'],
  ])('%j', (stderr, lost) => {
    expect(parseAgentFailure(stderr)).toEqual({ lost });
  });
});
