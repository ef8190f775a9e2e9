/** `virsh`, a command at a time, always with the URI that is meant: without one it depends on who calls. */
import { VmtestError } from '../../src/host/errors.ts';
import { type ExecResult, killedWords } from '../../src/host/exec.ts';
import type { VmContext } from '../vm/control.ts';
import { explain } from './errors.ts';
import type { LibvirtOptions } from './schema.ts';
import { unattended } from './uri.ts';

/** Milliseconds. What takes long is given more: the restore of a large memory, a command that waits for a state lock. */
const COMMAND_MS = 60_000;

export interface VirshOptions {
  /** Milliseconds. Default: 60 s. */
  timeout?: number;
  /** The arguments as logs may show them. Default: as they are. */
  shown?: readonly string[];
  /**
   * What a success prints: with it, one that prints something else, or nothing, is none. Default: `virsh` prints as little as it
   * can, and its exit code is believed.
   */
  says?: RegExp;
  /** As deadlines call it. Default: by its first word. */
  name?: string;
  /** What it reads. */
  input?: string;
  /** Added to the environment. */
  env?: Record<string, string>;
}

/** What `run` needs of a context: sweeps have no target of their own. */
export type VirshContext = Pick<VmContext, 'host' | 'target' | 'signal'>;

export function uriOf({ target }: Pick<VmContext, 'target'>): string {
  return (target.options as unknown as LibvirtOptions).uri;
}

/** The head of every table. An empty list has it too. */
export const TABLE = /^\s*Name\s.*\n-{5,}\s*$/m;

/** @param doing for the message: "starting the domain". @throws VmtestError by what it printed, see `errors.ts`. */
export async function virsh(
  doing: string,
  args: readonly string[],
  context: VirshContext,
  options: VirshOptions = {},
): Promise<string> {
  const result = await tryVirsh(args, context, options);
  if (result.exitCode === 0) {
    if (options.says?.test(result.stdout) === false) throw noAnswer(doing, result, context);
    return result.stdout;
  }
  throw explain(killedWords('virsh', result) ?? `${result.stderr}\n${result.stdout}`, {
    doing: `${doing} (${uriOf(context)})`,
    code: 'LIBVIRT_FAILED',
  });
}

/** The same for commands whose failure is an answer. */
export async function tryVirsh(
  args: readonly string[],
  context: VirshContext,
  { timeout = COMMAND_MS, shown, says, name = `virsh ${args[0]}`, input, env }: VirshOptions = {},
): Promise<ExecResult> {
  const { host, signal } = context;
  try {
    const argv = ['virsh', '--connect', unattended(uriOf(context)), ...(says ? [] : ['--quiet'])] as const;
    return await host.exec([...argv, ...args], {
      signal,
      timeout,
      name,
      ...(shown ? { shown: [...argv, ...shown] } : {}),
      ...(input === undefined ? {} : { input }),
      ...(env ? { env } : {}),
    });
  } catch (error) {
    if (error instanceof VmtestError && error.code === 'COMMAND_NOT_FOUND') throw virshMissing(error);
    throw error;
  }
}

function noAnswer(doing: string, { stdout }: ExecResult, context: VirshContext): VmtestError {
  const nothing = stdout.trim() === '';
  return new VmtestError(
    'LIBVIRT_FAILED',
    `${doing} (${uriOf(context)}) failed: \`virsh\` ended with 0 and printed ${nothing ? 'nothing, which is no answer' : 'what is no answer'}`,
    nothing ? {} : { details: stdout },
  );
}

export const INSTALL = 'sudo apt-get install libvirt-clients libvirt-daemon-system';

function virshMissing(cause: unknown): VmtestError {
  return new VmtestError('LIBVIRT_MISSING', '`virsh` is not installed', { hint: INSTALL, cause });
}
