/** Waits until an engine's agent answers and runs a command. */
import { randomBytes } from 'node:crypto';
import { sleep } from '../../host/deadline.ts';
import { toVmtestError, VmtestError } from '../../host/errors.ts';
import type { AgentLink, ConnectOptions, GuestChannel } from '../channel.ts';
import { PosixChannel } from '../posix-channel.ts';
import { parseProbe, probeScript } from '../shell/probe.ts';
import { showExit } from '../transport.ts';
import { AGENT_ITSELF, type Identity, identityScript, parseIdentity } from './identity.ts';
import { AgentTransport, captureProgram } from './transport.ts';

/** A ping that fails has waited already, unless the engine says no at once. */
const PAUSE_MS = 100;

/**
 * @throws VmtestError what cannot be mended by waiting (`GUEST_AGENT_DISABLED`, `GUEST_USER`, …); the signal's reason
 * when it aborts. The link is closed then.
 */
export async function connectAgent(
  link: AgentLink,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<GuestChannel> {
  const onAttempt = options.onAttempt ?? (() => {});
  try {
    for (;;) {
      try {
        await link.ping(signal);
        return await open(link, options, signal);
      } catch (thrown) {
        signal.throwIfAborted();
        const error = toVmtestError(thrown);
        if (!error.retryable) throw error;
        onAttempt(error.message);
        await sleep(PAUSE_MS, signal);
      }
    }
  } catch (error) {
    link.close();
    throw error;
  }
}

async function open(link: AgentLink, options: ConnectOptions, signal: AbortSignal): Promise<GuestChannel> {
  const { os, credentials } = options;
  const ask = (identity: Identity, script: string) =>
    captureProgram(link, identity.argv(script), undefined, os, signal);
  const token = randomBytes(6).toString('hex');
  const asked = await ask(AGENT_ITSELF, identityScript(credentials.user, token, probeScript(token)));
  const identity = parseIdentity(asked.stdout.toString(), token, credentials.user, os);
  const probed = parseProbe(asked.stdout.toString(), token);
  const { exit, stdout, stderr } = probed ? asked : await ask(identity, probeScript(token));
  const facts = probed ?? parseProbe(stdout.toString(), token);
  if (!facts) {
    throw new VmtestError(
      'GUEST_NOT_READY',
      `the first command of ${credentials.user} in the guest gave ${showExit(exit)}: ${stderr.trim()}`,
      { retryable: true },
    );
  }
  return new PosixChannel(new AgentTransport(link, identity, os, facts.folder), facts, 'agent');
}
