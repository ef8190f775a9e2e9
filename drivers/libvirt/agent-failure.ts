/** What `virsh qemu-agent-command` prints when it fails: the agent's own refusal, or that nobody answers. */

export type AgentFailure =
  | { refused: { class: string; desc: string }; lost?: never }
  | { refused?: never; lost: string };

/** libvirt passes on the description of a refusal, not its class. */
export function parseAgentFailure(stderr: string): AgentFailure {
  const [, desc] = /unable to execute QEMU agent command '[^']*': (.*)/.exec(stderr) ?? [];
  if (desc !== undefined) {
    const isForbidden = /has been disabled|has not been found|not allowed/i.test(desc);
    return { refused: { class: isForbidden ? 'CommandNotFound' : 'GenericError', desc: desc.trim() } };
  }
  return {
    lost:
      stderr
        .replaceAll(/^error: /gm, '')
        .trim()
        .split('\n')
        .at(-1) || 'libvirt does not say why',
  };
}
