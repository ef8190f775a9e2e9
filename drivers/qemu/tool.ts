/** QEMU's programs that run to an end: what they answer, or why not. */
import { type Argv, type ExecOptions, killedWords } from '../../src/host/exec.ts';
import type { Host } from '../../src/host/host.ts';
import type { FailureContext } from '../../src/host/known-failures.ts';
import { explain } from './errors.ts';

/**
 * Its stdout.
 * @throws VmtestError coded by `errors.ts`, else as `failure` says.
 */
export async function runTool(
  host: Pick<Host, 'exec'>,
  argv: Argv,
  options: ExecOptions,
  failure: FailureContext,
): Promise<string> {
  const { exitCode, signal, stdout, stderr } = await host.exec(argv, options);
  if (exitCode === 0) return stdout;
  const how = killedWords('it', { signal }) ?? `it ended with ${exitCode}`;
  throw explain([how, stderr].join('\n'), failure);
}

/** For an answer that says nothing, though the program was content. */
export function senseless(answer: string, failure: FailureContext): Error {
  return explain(`its answer makes no sense: ${JSON.stringify(answer.slice(0, SHOWN))}`, failure);
}

/** Characters. */
const SHOWN = 80;
