/** Waits until commands run in a guest through an engine's exec. */
import { randomBytes } from 'node:crypto';
import { sleep, withDeadline } from '../../host/deadline.ts';
import { toVmtestError, VmtestError } from '../../host/errors.ts';
import { identityScript, parseIdentity, parseSetsClock } from '../agent/identity.ts';
import type { ConnectOptions, GuestChannel } from '../channel.ts';
import { ScriptChannel } from '../script-channel.ts';
import { posixDialect } from '../shell/dialect.ts';
import { parseProbe, probeScript } from '../shell/probe.ts';
import { showExit } from '../transport.ts';
import { loadBoot, windowsExecBoot } from '../windows/boot.ts';
import { windowsDialect } from '../windows/dialect.ts';
import { checkUser } from '../windows/facts.ts';
import { getToKnow } from '../windows/get-to-know.ts';
import { loadScripts } from '../windows/script.ts';
import { shExecBoot } from './boot.ts';
import type { ExecLink } from './link.ts';
import { ExecTransport } from './transport.ts';

export interface ExecOptions extends Pick<ConnectOptions, 'os' | 'onAttempt'> {
  /** Who commands run as, whoever the engine runs them as. */
  user: string;
}

/** Milliseconds. */
const PAUSE_MS = 500;
const FIRST_COMMAND_MS = 60_000;

/**
 * @throws VmtestError what cannot be mended by waiting: `GUEST_USER`, a program that is not there; the signal's reason
 * when it aborts.
 */
export async function connectExec(
  link: ExecLink,
  options: ExecOptions,
  signal: AbortSignal,
): Promise<GuestChannel> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await withDeadline(signal, FIRST_COMMAND_MS, 'the first command in the guest', (deadline) =>
        open(link, options, deadline),
      );
    } catch (thrown) {
      signal.throwIfAborted();
      const error = toVmtestError(thrown);
      if (!error.retryable) throw error;
      options.onAttempt?.(error.message);
      await sleep(PAUSE_MS, signal, 'the guest to run commands');
    }
  }
}

async function open(link: ExecLink, { user, os }: ExecOptions, signal: AbortSignal): Promise<GuestChannel> {
  if (os === 'windows') return openWindows(link, user, signal);
  const token = randomBytes(6).toString('hex');
  const itself = new ExecTransport(link);
  const asked = await itself.capture(identityScript(user, token, probeScript(token)), undefined, signal);
  const answer = asked.stdout.toString();
  const identity = parseIdentity(answer, token, user, os);
  if (!identity) throw notReady(`${showExit(asked.exit)}: ${asked.stderr.trim()}`);
  const transport = new ExecTransport(
    link,
    shExecBoot(identity),
    parseSetsClock(answer, token) ? 'fresh' : 'unable',
  );
  const known = parseProbe(answer, token);
  if (known) return new ScriptChannel(transport, posixDialect(known), 'agent');
  const probed = await transport.capture(probeScript(token), undefined, signal);
  const facts = parseProbe(probed.stdout.toString(), token);
  if (!facts) throw notReady(`${showExit(probed.exit)}: ${probed.stderr.trim()}`);
  return new ScriptChannel(transport, posixDialect(facts), 'agent');
}

async function openWindows(link: ExecLink, user: string, signal: AbortSignal): Promise<GuestChannel> {
  const [boot, scripts] = await Promise.all([loadBoot(), loadScripts()]);
  const transport = new ExecTransport(link, windowsExecBoot(boot));
  const { facts } = await getToKnow(transport, scripts, { user }, signal);
  checkUser(facts, user);
  return new ScriptChannel(transport, windowsDialect(facts.folder, scripts), 'agent');
}

function notReady(why: string): VmtestError {
  return new VmtestError('GUEST_NOT_READY', `the first command in the guest gave ${why}`, {
    retryable: true,
  });
}
