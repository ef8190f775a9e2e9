/**
 * Programs and files of a Windows guest by PowerShell Direct: over the VM bus, so without a network, on this host only,
 * with the name and password of an account in the guest. Every call is a session of its own, which takes some seconds.
 */
import { readFile } from 'node:fs/promises';
import type { AgentLink, AgentPoll } from '../../src/guest/channel.ts';
import { windowsArguments } from '../../src/guest/windows/command-line.ts';
import { VmtestError } from '../../src/host/errors.ts';
import { packageFile } from '../../src/host/this-package.ts';
import type { VmContext, VmRef } from '../vm/control.ts';
import { base64Text, runScript } from './run-script.ts';

type Operation = 'ping' | 'start' | 'poll' | 'read' | 'write';

/** Milliseconds. PowerShell on both sides, and a logon. */
const TIMEOUTS = { ping: 20_000, call: 60_000 };
/** Bytes; in base64 within what a session takes in one piece. */
const CHUNK = 1024 ** 2;

/** @throws VmtestError `GUEST_NO_CREDENTIALS` without a password: the VM bus knows no keys. */
export function powershellDirect({ id, name }: VmRef, { host, target }: VmContext): AgentLink {
  const { user, password } = target.guest;
  if (password === undefined)
    throw new VmtestError('GUEST_NO_CREDENTIALS', 'PowerShell Direct needs the password of the guest user', {
      hint: 'Set `guest.password` (from the environment, say), or use `channel: ssh`.',
    });
  const who = { id, user: base64Text(accountName(user)), password: base64Text(password) };

  async function call(operation: Operation, argument: string, signal: AbortSignal): Promise<string> {
    const run = {
      host,
      signal,
      doing: `PowerShell Direct to the VM ${name} (${operation})`,
      code: 'GUEST_AGENT_REFUSED',
      timeout: operation === 'ping' ? TIMEOUTS.ping : TIMEOUTS.call,
    };
    const answer = await runScript('direct', { ...who, operation, argument }, run);
    return (answer as { text: string }).text;
  }

  return {
    chunk: CHUNK,
    ping: async (signal) => {
      await call('ping', '', signal);
    },
    start: async ([program = '', ...args], { input = Buffer.alloc(0), capture }, signal) => {
      const job = {
        program,
        arguments: windowsArguments(args),
        stdin: input.toString('base64'),
        capture,
        runner: await readFile(packageFile('drivers/hyperv/scripts/guest/run.ps1'), 'utf8'),
      };
      return (await call('start', base64Json(job), signal)).trim();
    },
    poll: async (handle, signal) => parseEnd(await call('poll', handle, signal)),
    read: async (path, offset, length, signal) =>
      Buffer.from(await call('read', base64Json({ path, offset, length }), signal), 'base64'),
    write: async (path, data, { append }, signal) => {
      await call('write', base64Json({ path, append, data: data.toString('base64') }), signal);
    },
    close: () => {},
  };
}

/** A name alone would be looked for in the host's domain. */
function accountName(user: string): string {
  return /[\\@]/.test(user) ? user : `.\\${user}`;
}

function base64Json(value: object): string {
  return base64Text(JSON.stringify(value));
}

interface Poll {
  end: string | null;
  stdout: string;
  stderr: string;
}

function parsePoll(text: string): Poll {
  try {
    const { end, stdout, stderr } = JSON.parse(text) as Poll;
    if (end === null || [end, stdout, stderr].every((field) => typeof field === 'string'))
      return { end, stdout, stderr };
  } catch {
    // Told below.
  }
  throw new VmtestError('GUEST_AGENT_REFUSED', 'what the guest says of the program makes no sense', {
    details: text.slice(0, 4096),
    retryable: true,
  });
}

/** Exit codes of Windows have 32 bits; .NET has them signed. */
function parseEnd(text: string): AgentPoll {
  const { end, stdout, stderr } = parsePoll(text);
  if (end === null) return { exited: false };
  const code = /^-?\d+$/.exec(end)?.[0];
  if (code === undefined)
    throw new VmtestError(
      'GUEST_AGENT_REFUSED',
      `the guest could not run the program: ${end.replace('failed ', '')}`,
    );
  return {
    exited: true,
    exitCode: Number(code) >>> 0,
    stdout: Buffer.from(stdout, 'base64'),
    stderr: Buffer.from(stderr, 'base64'),
    truncated: false,
  };
}
