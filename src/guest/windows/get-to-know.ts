/** The first script in a Windows guest: that it runs at all means the guest is ready. */
import { randomBytes } from 'node:crypto';
import { withDeadline } from '../../host/deadline.ts';
import { VmtestError } from '../../host/errors.ts';
import { decodeMemory, encodeMemory } from '../memory.ts';
import { type ScriptTransport, showExit } from '../transport.ts';
import { plainStderr } from './clixml.ts';
import { EVERY_BYTE, parseFacts, type WindowsFacts } from './facts.ts';
import type { Scripts } from './script.ts';

/** The first login of an account makes its profile, which takes up to a minute. */
const FIRST_SCRIPT_MS = 120_000;

export interface Known {
  facts: WindowsFacts;
  /** See `GuestChannel.memory`. */
  memory: string;
}

/** @throws VmtestError `GUEST_NOT_READY`, retryable, and what `parseFacts` finds. */
export async function getToKnow(
  transport: ScriptTransport,
  scripts: Scripts,
  { user, memory }: { user: string; memory?: string | undefined },
  signal: AbortSignal,
): Promise<Known> {
  const remembered = decodeMemory(memory, user);
  const facts = remembered && factsIn(remembered.answer);
  if (memory !== undefined && facts) return { facts, memory };
  const token = randomBytes(6).toString('hex');
  const probe = scripts('probe', { token });
  const { exit, stdout, stderr } = await withDeadline(
    signal,
    FIRST_SCRIPT_MS,
    'the first command in the guest',
    (deadline) => transport.capture(probe, EVERY_BYTE, deadline),
  );
  const seen = parseFacts(stdout, token);
  if (seen) return { facts: seen, memory: encodeMemory({ user, token, answer: JSON.stringify(seen) }) };
  throw new VmtestError(
    'GUEST_NOT_READY',
    `the first command in the guest gave ${showExit(exit)}: ${plainStderr(stderr).trim()}`,
    { hint: 'Is it Windows, as `os` says, with PowerShell 5.1 or newer?', retryable: true },
  );
}

/** Undefined for a memory of another system. */
function factsIn(answer: string): WindowsFacts | undefined {
  try {
    const facts = JSON.parse(answer) as WindowsFacts;
    return typeof facts.folder === 'string' ? facts : undefined;
  } catch {
    return undefined;
  }
}
