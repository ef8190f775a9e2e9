/**
 * Processes that see a system of their own: process ids, mounts and, if asked for, a network. The kernel ends them all with the
 * first of them, which ends with its input: so nothing is left even when the test is killed.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

export interface EnclaveOptions {
  network: boolean;
  /** A shell script, run as root inside, that starts what is to be there. */
  script: string;
  /** Done on this host, with the first process's id, before the script runs. */
  before?(pid: number): Promise<void>;
}

export class Enclave {
  /** What a command begins with that is to run inside, in the folder `/`. */
  readonly enter: readonly string[];
  /** Its root folder, as seen from here. */
  readonly root: string;
  readonly #unshare: ChildProcess;

  constructor(unshare: ChildProcess, pid: number) {
    this.#unshare = unshare;
    this.enter = ['nsenter', '--all', `--target=${pid}`, '--'];
    this.root = `/proc/${pid}/root`;
  }

  async run(...argv: string[]): Promise<string> {
    const [file = '', ...args] = [...this.enter, ...argv];
    return (await promisify(execFile)(file, args)).stdout.trim();
  }

  async end(): Promise<void> {
    if (this.#unshare.exitCode !== null || this.#unshare.signalCode !== null) return;
    const ended = once(this.#unshare, 'exit');
    this.#unshare.stdin?.end();
    await ended;
  }
}

export async function startEnclave({ network, script, before }: EnclaveOptions): Promise<Enclave> {
  // `cat` is what ends with its input. Orphans become its children, and it has never heard of any: the kernel takes them away.
  const whole = `set -eu\nread -r _\n${script}\necho ready\nexec env --ignore-signal=CHLD cat >/dev/null`;
  const flags = ['--mount', '--propagation=private', '--pid', '--fork', '--mount-proc', '--kill-child'];
  const argv = [...flags, ...(network ? ['--net'] : []), 'sh', '-c', whole];
  const unshare = spawn('unshare', argv, { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  unshare.stderr.on('data', (data) => {
    said += String(data);
  });
  const enclave = new Enclave(unshare, await firstProcess(unshare));
  try {
    await before?.(Number(enclave.root.split('/')[2]));
    unshare.stdin.write('go\n');
    for await (const line of createInterface(unshare.stdout)) if (line === 'ready') return enclave;
    throw new Error(`it ended too soon: ${said}`);
  } catch (error) {
    await enclave.end();
    throw error;
  }
}

async function firstProcess({ pid }: ChildProcess): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const [child] = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')).split(' ');
    if (child) return Number(child);
    await delay(20);
  }
  throw new Error('`unshare` starts nothing; the tests of remote and session libvirt need root');
}
