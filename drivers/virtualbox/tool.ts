/** Finds VBoxManage and runs it: its locale, its warnings, and failures that it hides behind exit code 0. */
import { win32 } from 'node:path';
import { sleep } from '../../src/host/deadline.ts';
import { VmtestError } from '../../src/host/errors.ts';
import { type Argv, type ExecResult, killedWords } from '../../src/host/exec.ts';
import type { Host } from '../../src/host/host.ts';
import { PerHost } from '../../src/host/per-host.ts';
import { explain, saysServiceBusy } from './errors.ts';
import { withPipes } from './pipes.ts';

export interface ManageOptions {
  signal: AbortSignal;
  /** For messages: "starting the VM debian". */
  doing: string;
  /** Milliseconds. Default: 60 s. */
  timeout?: number;
  input?: string;
  /** Its stdout and stderr have to be pipes, which are made in this folder. */
  pipes?: string;
}

const TIMEOUT_MS = 60_000;
/** VBoxSVC ends some seconds after its last client; whoever comes just then has to come again. */
const SERVICE = { tries: 10, pauseMs: 500 };

/** What answered last: a shell in between would not tell that a program is missing. */
const found = new PerHost<string>();

/** Runs VBoxManage; answers its stdout. @throws VmtestError `VIRTUALBOX_…` when it fails. */
export async function manage(host: Host, args: readonly string[], options: ManageOptions): Promise<string> {
  const { exitCode, signal, stdout, stderr } = await runTool(host, args, options);
  if (exitCode === 0 && !saysError(stderr)) return stdout;
  const said = stderr.trim() === '' ? stdout : stderr;
  throw explain(killedWords('VBoxManage', { signal }) ?? said, {
    doing: options.doing,
    code: 'VIRTUALBOX_COMMAND_FAILED',
  });
}

export interface ToolResult extends ExecResult {
  /** What the wrapper script on Linux had to say, which is not part of `stdout` any more. */
  warnings: string;
}

/** The same for callers to whom a failure is an answer. Waits for a server that is just ending. */
export async function runTool(
  host: Host,
  args: readonly string[],
  options: ManageOptions,
): Promise<ToolResult> {
  for (let tries = 1; ; tries += 1) {
    const result = await runOnce(host, args, options);
    if (tries === SERVICE.tries || !saysServiceBusy(result.stderr)) return result;
    await sleep(SERVICE.pauseMs, options.signal, 'the service of VirtualBox, which is just ending');
  }
}

async function runOnce(
  host: Host,
  args: readonly string[],
  { signal, timeout = TIMEOUT_MS, input, pipes }: ManageOptions,
): Promise<ToolResult> {
  const known = pipes === undefined ? undefined : found.get(host);
  for (const program of known === undefined ? candidates(process.platform, process.env) : [known]) {
    try {
      const argv: Argv = [program, ...args];
      const result = await host.exec(pipes === undefined ? argv : withPipes(argv, pipes), {
        signal,
        timeout,
        env: localeFor(process.platform),
        ...(input === undefined ? {} : { input }),
      });
      found.set(host, program);
      return { ...result, ...splitWarnings(result.stdout.replaceAll('\r\n', '\n')) };
    } catch (error) {
      if (!(error instanceof VmtestError) || error.code !== 'COMMAND_NOT_FOUND') throw error;
    }
  }
  throw toolMissing();
}

export function toolMissing(): VmtestError {
  return new VmtestError('VIRTUALBOX_MISSING', 'VBoxManage was not found', {
    hint: 'Install VirtualBox 6.1 or later, or put the folder of VBoxManage on PATH.',
  });
}

/** By PATH, then where installers put it. The Windows variables may hold several folders. */
export function candidates(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string[] {
  switch (platform) {
    case 'win32': {
      const named = [env['VBOX_MSI_INSTALL_PATH'], env['VBOX_INSTALL_PATH']]
        .flatMap((value) => value?.split(';') ?? [])
        .filter((folder) => folder.trim() !== '');
      const usual = win32.join(env['ProgramFiles'] ?? 'C:\\Program Files', 'Oracle', 'VirtualBox');
      return ['VBoxManage', ...[...named, usual].map((folder) => win32.join(folder, 'VBoxManage.exe'))];
    }
    case 'darwin':
      return [
        'VBoxManage',
        '/usr/local/bin/VBoxManage',
        '/Applications/VirtualBox.app/Contents/MacOS/VBoxManage',
      ];
    default:
      return ['VBoxManage'];
  }
}

/**
 * In the locale C, VBoxManage refuses every argument that is not ASCII (`RTR3Init: VERR_NO_TRANSLATION`, exit code 3)
 * and prints nothing from a name's first such letter on. Others than English would translate its errors.
 */
export function localeFor(platform: NodeJS.Platform): Record<string, string> {
  return { LC_ALL: platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8' };
}

/**
 * The wrapper script on Linux says on stdout, before every answer, that a kernel module is missing: a paragraph that
 * begins with `WARNING:` and goes on in lines that are indented or empty.
 */
export function splitWarnings(stdout: string): { warnings: string; stdout: string } {
  const warnings = /^(?:WARNING:[^\n]*\n(?:[ \t][^\n]*\n|\n)*)*/.exec(stdout)?.[0] ?? '';
  return { warnings, stdout: stdout.slice(warnings.length) };
}

/** Some failures end with exit code 0 (`discardstate` of a VM that is off). */
export function saysError(stderr: string): boolean {
  return /^VBoxManage(?:\.exe)?: (?:fatal )?error:/m.test(stderr);
}
