/** Commands that work in the guest. None brings back what a program prints. */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import type { Backing } from '../../machine/backing.ts';
import { guestExec, readGuestFile, screendump, writeGuestFile } from '../../machine/backing.ts';
import { type Flags, splitProgramFlags } from '../command-line.ts';
import { Failure, fileMissing, notOn } from '../failure.ts';
import { backingOf, machineOf, noticeChanges } from '../machines.ts';
import { requireLogin } from './tools.ts';

/** Tools hand the program and its arguments, joined by spaces, to a shell of the guest. */
export async function runProgramInGuest(flags: Flags, vmx: string, args: string[]): Promise<string> {
  const backing = backingOf(await requireLogin(flags, vmx));
  const { noWait, rest } = splitProgramFlags(args);
  const [program = '', ...words] = rest;
  if (!program.startsWith('/')) throw fileMissing();
  const found = await guestExec(backing, ['/bin/sh', '-c', `test -x "$1"`, 'sh', program]);
  if (found.exitCode !== 0) throw fileMissing();
  return run(flags, vmx, backing, `"${program}" ${words.join(' ')}`, noWait);
}

/** The text becomes a file in the guest, which the interpreter is started on. */
export async function runScriptInGuest(flags: Flags, vmx: string, args: string[]): Promise<string> {
  const backing = backingOf(await requireLogin(flags, vmx));
  const { noWait, rest } = splitProgramFlags(args);
  const [interpreter = '', text = ''] = rest;
  const file = `/tmp/vmware-script-${randomBytes(4).toString('hex')}`;
  await writeGuestFile(backing, file, Buffer.from(text));
  return run(flags, vmx, backing, `"${interpreter}" "${file}"; code=$?; rm -f ${file}; exit $code`, noWait);
}

async function run(
  flags: Flags,
  vmx: string,
  backing: Backing,
  line: string,
  noWait: boolean,
): Promise<string> {
  const running = guestExec(backing, ['/bin/sh', '-c', `cd; ${line}`], {
    env: ['HOME=/root', 'PATH=/usr/sbin:/usr/bin:/sbin:/bin'],
  });
  if (noWait) {
    await Promise.race([running, new Promise((resolve) => setTimeout(resolve, 500))]);
    return '';
  }
  const { exitCode } = await running.catch(async (error: unknown) => {
    await noticeChanges();
    if (!(await machineOf(vmx, flags)).running) throw notOn(vmx);
    throw error;
  });
  if (exitCode === 0) return '';
  throw new Failure(`Guest program exited with non-zero exit code: ${exitCode}`, { bare: true });
}

export async function copyIn(flags: Flags, vmx: string, from: string, to: string): Promise<string> {
  const backing = backingOf(await requireLogin(flags, vmx));
  const data = await readFile(from).catch(() => {
    throw fileMissing();
  });
  await writeGuestFile(backing, to, data).catch(refused);
  return '';
}

export async function copyOut(flags: Flags, vmx: string, from: string, to: string): Promise<string> {
  const backing = backingOf(await requireLogin(flags, vmx));
  await writeFile(to, await readGuestFile(backing, from).catch(refused));
  return '';
}

export async function captureScreen(flags: Flags, vmx: string, file: string): Promise<string> {
  await screendump(backingOf(await requireLogin(flags, vmx)), file);
  return '';
}

function refused(): never {
  throw fileMissing();
}
