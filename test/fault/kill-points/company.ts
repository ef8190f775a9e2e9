/** Others on the same host and in the same state folder, who must not notice: a run that goes on, and a QEMU of somebody's. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { endlessText } from './matrix.ts';
import { type Running, Vmtest } from './vmtest.ts';

export interface CompanyOptions {
  folder: string;
  env: NodeJS.ProcessEnv;
  target: string;
  /** Whether the engine bears another run. */
  isShared: boolean;
}

/** Named as ours are, but of no lease that was ever written. */
const FOREIGN = [
  '-name',
  'guest=vmtest-somebody',
  '-machine',
  'none',
  '-nodefaults',
  '-display',
  'none',
  '-S',
];

export class Company {
  readonly #stranger: ChildProcess;
  readonly #run: Running | undefined;

  static async start({ folder, env, target, isShared }: CompanyOptions): Promise<Company> {
    const stranger = spawn('qemu-system-x86_64', FOREIGN, { env, stdio: 'ignore', detached: true });
    if (!isShared) return new Company(stranger, undefined);
    await writeFile(join(folder, 'matrix.yml'), endlessText(target));
    await mkdir(join(folder, 'told'));
    const run = await new Vmtest({ cwd: folder, told: join(folder, 'told'), env }).run();
    await run.until((events) => events.some((event) => event.type === 'cell:phase' && event.phase === 'run'));
    if (run.isOver) throw new Error(`the other run ended: ${(await run.ended).output}`);
    return new Company(stranger, run);
  }

  private constructor(stranger: ChildProcess, run: Running | undefined) {
    this.#stranger = stranger;
    this.#run = run;
  }

  /** Who does not live any more. */
  missing(): string[] {
    return [
      ...(this.#stranger.exitCode === null && this.#stranger.signalCode === null
        ? []
        : ["somebody's QEMU was ended"]),
      ...(this.#run?.isOver ? ['the other run was ended'] : []),
    ];
  }

  async end(): Promise<void> {
    this.#run?.kill('SIGINT', 'process');
    await this.#run?.ended;
    this.#stranger.kill('SIGKILL');
  }
}
