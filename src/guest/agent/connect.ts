/** Waits until an engine's agent answers and runs a command. */
import { randomBytes } from 'node:crypto';
import { sleep } from '../../host/deadline.ts';
import { toVmtestError, VmtestError } from '../../host/errors.ts';
import type { AccessKind, AgentLink, ConnectOptions, GuestChannel } from '../channel.ts';
import { decodeMemory, encodeMemory, type Memory } from '../memory.ts';
import { ScriptChannel } from '../script-channel.ts';
import { posixDialect } from '../shell/dialect.ts';
import { parseProbe, probeScript } from '../shell/probe.ts';
import { showExit } from '../transport.ts';
import { openWindowsAgent } from '../windows/open-agent.ts';
import { AGENT_ITSELF, type Identity, identityScript, parseIdentity, parseSetsClock } from './identity.ts';
import { captureProgram } from './program.ts';
import { AgentTransport } from './transport.ts';

/** A ping that fails has waited already, unless the engine says no at once. */
const PAUSE_MS = 100;

/**
 * @param kind what the channel is called; a console acts as an agent.
 * @throws VmtestError what cannot be mended by waiting (`GUEST_AGENT_DISABLED`, `GUEST_USER`, …); the signal's reason
 * when it aborts. The link is closed then.
 */
export async function connectAgent(
  link: AgentLink,
  options: ConnectOptions,
  signal: AbortSignal,
  kind: AccessKind = 'agent',
): Promise<GuestChannel> {
  const onAttempt = options.onAttempt ?? (() => {});
  try {
    for (;;) {
      signal.throwIfAborted();
      try {
        await link.ping(signal);
        return await open(link, options, signal, kind);
      } catch (thrown) {
        signal.throwIfAborted();
        const error = toVmtestError(thrown);
        if (!error.retryable) throw error;
        onAttempt(error.message);
        await sleep(PAUSE_MS, signal, "the guest's agent");
      }
    }
  } catch (error) {
    await link.close();
    throw error;
  }
}

async function open(
  link: AgentLink,
  options: ConnectOptions,
  signal: AbortSignal,
  kind: AccessKind,
): Promise<GuestChannel> {
  const { os, credentials } = options;
  if (os === 'windows') return openWindowsAgent(link, options, kind, signal);
  const remembered = decodeMemory(options.memory, credentials.user);
  const known = remembered ?? (await lookAround(link, options, signal));
  const identity = parseIdentity(known.answer, known.token, credentials.user, os);
  const facts = parseProbe(known.answer, known.token);
  if (!identity || !facts) throw notReady(known.answer);
  const setsClock = parseSetsClock(known.answer, known.token);
  const clock = setsClock ? (remembered ? 'able' : 'fresh') : 'unable';
  const transport = new AgentTransport(link, { identity, os, folder: facts.folder, clock });
  return new ScriptChannel(transport, posixDialect(facts), kind, { memory: encodeMemory(known) });
}

/** Who commands run as, and what that user finds. It begins with the clock. */
async function lookAround(
  link: AgentLink,
  { os, credentials }: ConnectOptions,
  signal: AbortSignal,
): Promise<Memory> {
  const { user } = credentials;
  const token = randomBytes(6).toString('hex');
  const ask = (identity: Identity, script: string) =>
    captureProgram(link, identity.argv(script), undefined, os, signal);
  const asked = await ask(AGENT_ITSELF, identityScript(user, token, probeScript(token)));
  const answer = asked.stdout.toString();
  const identity = parseIdentity(answer, token, user, os);
  if (!identity) throw notReady(`${showExit(asked.exit)}: ${asked.stderr.trim()}`);
  if (parseProbe(answer, token)) return { user, token, answer };
  const probed = await ask(identity, probeScript(token));
  if (!parseProbe(probed.stdout.toString(), token))
    throw notReady(`${showExit(probed.exit)}: ${probed.stderr.trim()}`);
  return { user, token, answer: `${answer}${probed.stdout.toString()}` };
}

function notReady(why: string): VmtestError {
  return new VmtestError('GUEST_NOT_READY', `the first command in the guest gave ${why}`, {
    retryable: true,
  });
}
