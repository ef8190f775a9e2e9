/**
 * A Windows guest that is none: a drive in a scratch folder, and the programs of `test/standins/windows`, reached by an SSH server
 * that starts them as Win32-OpenSSH does, by an agent as QEMU's starts them, or by a program on the host.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, onTestFinished } from 'vitest';
import { bundleStandIn } from '../standins/create.ts';
import { splitArguments } from '../standins/windows/command-line.ts';
import { DRIVE_VARIABLE, FAULTS_VARIABLE, PROGRAMS_VARIABLE } from '../standins/windows/environment.ts';
import { exitCodeOf } from '../standins/windows/programs.ts';
import { killGroup, PASSWORD, serve, startSshServer, type TestSshServer } from './guest-ssh-server.ts';
import { scratchFolder } from './scratch.ts';

export { PASSWORD };

/** The account's shell, as HKLM\SOFTWARE\OpenSSH\DefaultShell says. */
export type LoginShell = 'cmd' | 'powershell' | 'bash';

export interface WindowsGuest {
  /** Drive C. */
  drive: string;
  /** The user's folder for temporary files. */
  temporary: string;
  env: NodeJS.ProcessEnv;
  setFaults(...faults: string[]): void;
  /** Starts a program; its descendants are in its process group. */
  start(program: string, line: string): ChildProcessWithoutNullStreams;
}

let programs: Promise<string> | undefined;

export async function windowsGuest(): Promise<WindowsGuest> {
  programs ??= bundle();
  const drive = await scratchFolder();
  const temporary = join(drive, 'Users/tester/AppData/Local/Temp');
  for (const folder of [temporary, join(drive, 'Windows/Temp'), join(drive, 'ProgramData')])
    await mkdir(folder, { recursive: true });
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    [DRIVE_VARIABLE]: drive,
    [PROGRAMS_VARIABLE]: await programs,
    VMTEST_WINDOWS_USER: 'tester',
  };
  // For `exitCodeOf` in this process.
  process.env[DRIVE_VARIABLE] = drive;
  const started = new Set<number | undefined>();
  onTestFinished(() => {
    for (const pid of started) killGroup(pid);
  });
  return {
    drive,
    temporary,
    env,
    setFaults: (...faults) => {
      env[FAULTS_VARIABLE] = faults.join(',');
    },
    start: (program, line) => {
      const argv = [env[PROGRAMS_VARIABLE] as string, program, line];
      const child = spawn(process.execPath, argv, {
        cwd: join(drive, 'Users/tester'),
        env,
        detached: true,
      });
      started.add(child.pid);
      return child;
    },
  };
}

/** For all tests of a file. */
const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

async function bundle(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'vmtest-windows-'));
  folders.push(folder);
  const file = join(folder, 'programs.mjs');
  await bundleStandIn('windows/main.ts', file);
  return file;
}

export interface OpenSshOptions {
  shell?: LoginShell;
  /** Printed before anything else, as profiles and messages of the day do. */
  noise?: string;
  /** The login shell takes its programs' output for lines of text, and ends them anew. */
  mangles?: boolean;
}

/** Win32-OpenSSH. Ending a session's shell ends what it has started; a lost connection does not. */
export function startOpenSsh(
  guest: WindowsGuest,
  { shell = 'cmd', noise = '', mangles = false }: OpenSshOptions = {},
): Promise<TestSshServer> {
  return startSshServer({
    home: guest.drive,
    onExec: (channel, command) => {
      const child = logIn(guest, shell, command);
      child.once('exit', () => killGroup(child.pid));
      if (noise !== '') channel.write(noise);
      if (mangles) channel.write = mangled(channel.write.bind(channel));
      serve(channel, child, (code) => exitCodeOf(child.pid ?? 0, code) >>> 0);
      return true;
    },
  });
}

/** How each shell is given the command: cmd as it is between quotes, others as one argument. */
function logIn(guest: WindowsGuest, shell: LoginShell, command: string): ChildProcessWithoutNullStreams {
  if (shell === 'cmd') return guest.start('cmd.exe', `/c "${command}"`);
  if (shell === 'powershell') return guest.start('powershell.exe', `-c "${command.replaceAll('"', '\\"')}"`);
  if (/[^\w.+/= -]/.test(command)) throw new Error(`bash would see something in ${command}`);
  const [, program = '', line = ''] = /^(\S+) (.*)$/.exec(command) ?? [];
  return guest.start(program, line);
}

type Write = ChildProcessWithoutNullStreams['stdin']['write'];

function mangled(write: Write): Write {
  const text = (chunk: Buffer | string) => String(chunk).replaceAll('\n', '\r\n');
  return ((chunk: Buffer, ...rest: []) => write(text(chunk), ...rest)) as Write;
}

/** What a program makes of words that an agent has joined without quotes, since none of them needs any. */
export function joined(argv: readonly string[]): string {
  const line = argv.join(' ');
  const same = splitArguments(line).every((word, index) => word === argv[index]);
  if (!same) throw new Error(`words that need quotes: ${line}`);
  return line;
}

/** Where a file of the guest lies on this host. */
export function fromGuest({ drive }: WindowsGuest, path: string): string {
  return join(drive, ...path.slice('C:\\'.length).split('\\'));
}
