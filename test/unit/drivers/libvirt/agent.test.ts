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

test('a program, its input and its answer are no words of a command', async () => {
  const program = '{"path":"/bin/sh","arg":["-c","echo tok-EN"],"capture-output":true,"input-data":"YQ=="}';
  const typed = `qemu-agent-command --domain a --cmd '{"execute":"guest-exec","arguments":${program}}'`;
  const prompt = 'virsh # ';
  const { context, asked } = virshAnswers({
    [`< ${typed}\n`]: `${prompt}${typed}\n{"return":{"pid":7}}\n${prompt}\n`,
  });
  const link = createAgentLink({ id: 'a', name: 'a' }, context);
  const options = { capture: true, input: Buffer.from('a') };
  expect(await link.start(['/bin/sh', '-c', 'echo tok-EN'], options, never)).toBe('7');
  expect(asked).toHaveLength(1);
});
