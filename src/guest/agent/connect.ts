/** Waits until an engine's agent answers and runs a command. */
import { randomBytes } from 'node:crypto';
import { sleep } from '../../host/deadline.ts';
import { toVmtestError, VmtestError } from '../../host/errors.ts';
import type { AgentLink, ConnectOptions, GuestChannel } from '../channel.ts';
import { PosixChannel } from '../posix-channel.ts';
import { parseProbe, probeScript } from '../shell/probe.ts';
import { type Captured, showExit } from '../transport.ts';
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
      signal.throwIfAborted();
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
  if (!identity) throw notReady(asked);
  const atOnce = parseProbe(asked.stdout.toString(), token);
  const probed = atOnce ? asked : await ask(identity, probeScript(token));
  const facts = atOnce ?? parseProbe(probed.stdout.toString(), token);
  if (!facts) throw notReady(probed);
  return new PosixChannel(new AgentTransport(link, identity, os, facts.folder), facts, 'agent');
}

function notReady({ exit, stderr }: Captured): VmtestError {
  const why = `${showExit(exit)}: ${stderr.trim()}`;
  return new VmtestError('GUEST_NOT_READY', `the first command in the guest gave ${why}`, {
    retryable: true,
  });
}
