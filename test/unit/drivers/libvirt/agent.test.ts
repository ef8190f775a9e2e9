import { expect, test } from 'vitest';
import { createAgentLink } from '../../../../drivers/libvirt/agent.ts';
import { never } from '../../../support/guest-channel-examples.ts';
import { type Answer, virshAnswers } from '../../../support/virsh-answers.ts';

function ping(answer: Answer): Promise<void> {
  const asked = 'qemu-agent-command --domain a --cmd {"execute":"guest-ping"}';
  const link = createAgentLink({ id: 'a', name: 'a' }, virshAnswers({ [asked]: answer }).context);
  return link.ping(never);
}

test('an agent answers a ping with nothing in particular', async () => {
  await ping('{"return":{}}\n\n');
});

test.each(['', 'null\n', '[]\n', '{"unexpected": [1, null]}\n', '{"error": {}}\n', '= 42\n'])(
  '%j is no answer, and the agent is lost',
  async (answer) => {
    await expect(ping(answer)).rejects.toMatchObject({ code: 'GUEST_AGENT_LOST', retryable: true });
  },
);

test('a refusal is one; another failure is a loss, in the words of libvirt', async () => {
  const refused =
    "error: internal error: unable to execute QEMU agent command 'guest-ping': Command has been disabled";
  await expect(ping({ stderr: refused })).rejects.toMatchObject({ code: 'GUEST_AGENT_DISABLED' });
  await expect(ping({ stderr: 'error: Guest agent is not responding' })).rejects.toThrow('is not responding');
});
