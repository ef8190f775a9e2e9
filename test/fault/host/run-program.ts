import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs a program of the system, to make the host ill or well. */
export async function runProgram(file: string, ...args: string[]): Promise<string> {
  return (await promisify(execFile)(file, args)).stdout.trim();
}
