/** A host whose `prlctl exec` runs the program right here, with the manners of the real one. */
import { createHost } from '../../src/host/create-host.ts';
import { type Exec, type ExecResult, exec } from '../../src/host/exec.ts';
import type { Host } from '../../src/host/host.ts';

export interface Manners {
  /** What is printed in the first moments is swallowed, and exit codes are lost. */
  lossy?: boolean;
  /** Says of a call, counted from 1, what it fails with instead. */
  fails?: (call: number) => string | undefined;
}

export interface PrlctlExecHost {
  host: Host;
  calls: { args: string[]; input: string }[];
}

const SWALLOWED_MS = 800;

/** @param env of the programs that it runs. */
export function prlctlExecHost(env: Record<string, string>, manners: Manners = {}): PrlctlExecHost {
  const calls: PrlctlExecHost['calls'] = [];
  const run: Exec = async ([, ...args], options = {}) => {
    if (args[0] === '--version') return answer({ stdout: 'prlctl version 26.4.1 (57516)\n' });
    calls.push({ args, input: String(options.input ?? '') });
    const failure = manners.fails?.(calls.length);
    if (failure !== undefined) return answer({ exitCode: 255, stderr: failure });
    const began = performance.now();
    const [, , program = '', ...words] = args;
    const result = await exec([program, ...words], { ...options, cwd: '/', env });
    if (!manners.lossy) return result;
    const isEarly = performance.now() - began < SWALLOWED_MS;
    return { ...result, exitCode: 0, stdout: isEarly ? '' : result.stdout };
  };
  return { host: { ...createHost(), exec: run }, calls };
}

function answer(result: Partial<ExecResult>): ExecResult {
  return { exitCode: 0, signal: undefined, stdout: '', stderr: '', ...result };
}
