import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Header } from 'tar';
import type { GuestChannel, GuestCommand, GuestExit, GuestIo } from '../../src/guest/channel.ts';
import type { FakeOptions } from './schema.ts';
import type { FakePhase } from './script.ts';

/** Where the test command of a fake guest leaves its results, below its working folder. */
const RESULT_FILE = 'reports/junit.xml';
const TAR_BLOCK = 512;

/** The way into a make-believe guest: commands print what the matrix file says, and leave the result file it asks for. */
export class FakeChannel implements GuestChannel {
  readonly kind = 'agent';
  readonly #options: FakeOptions;
  readonly #play: (phase: FakePhase, signal: AbortSignal) => Promise<number | undefined>;
  /** The result file's whole path, once there is one. */
  #resultFile: string | undefined;

  constructor(
    options: FakeOptions,
    play: (phase: FakePhase, signal: AbortSignal) => Promise<number | undefined>,
  ) {
    this.#options = options;
    this.#play = play;
  }

  async setClock(): Promise<void> {}

  async exec(command: GuestCommand, io: GuestIo, signal: AbortSignal): Promise<GuestExit> {
    const exitCode = await this.#play(command.label ?? 'run', signal);
    if (command.label === 'setup') return { exitCode: exitCode ?? 0 };
    if (this.#options.junit !== undefined) this.#resultFile = `${command.cwd}/${RESULT_FILE}`;
    const lines = this.#options.output ?? [`$ ${command.script.split('\n', 1)[0]}`];
    io.onStdout(Buffer.from(lines.map((line) => `${line}\n`).join('')));
    return { exitCode: exitCode ?? (failsCases(this.#options.junit) ? 1 : 0) };
  }

  async upload(tar: Readable, _folder: string, signal: AbortSignal): Promise<void> {
    await this.#play('upload', signal);
    await finished(tar.resume());
  }

  async list(folder: string, signal: AbortSignal): Promise<string[]> {
    await this.#play('collect', signal);
    const below = `${folder}/`;
    return this.#resultFile?.startsWith(below) ? [this.#resultFile.slice(below.length)] : [];
  }

  async download(_folder: string, files: readonly string[]): Promise<Readable> {
    const content = Buffer.from(junitText(this.#options.junit));
    return Readable.from(files.map((file) => tarOf(file, content)));
  }

  async close(): Promise<void> {}
}

type Junit = FakeOptions['junit'];

function failsCases(junit: Junit): boolean {
  return typeof junit === 'object' && (junit.fail ?? 0) > 0;
}

function junitText(junit: Junit): string {
  if (typeof junit === 'string') return junit;
  const cases = (count: number | undefined, kind: string, inner: string) =>
    Array.from({ length: count ?? 0 }, (_, index) => {
      const start = `<testcase classname="fake" name="${kind} ${index + 1}" time="0.001"`;
      return inner === '' ? `${start}/>` : `${start}>${inner}</testcase>`;
    }).join('');
  const { pass, fail, skip } = junit ?? {};
  return `<testsuite name="fake">${cases(pass, 'passes', '')}${cases(
    fail,
    'fails',
    '<failure message="made to fail">expected 1, got 2</failure>',
  )}${cases(skip, 'is skipped', '<skipped message="made to be skipped"/>')}</testsuite>`;
}

function tarOf(path: string, content: Buffer): Buffer {
  const header = Buffer.alloc(TAR_BLOCK);
  new Header({ path, size: content.length, type: 'File', mode: 0o644, mtime: new Date(0) }).encode(header);
  const padding = Buffer.alloc(((TAR_BLOCK - (content.length % TAR_BLOCK)) % TAR_BLOCK) + 2 * TAR_BLOCK);
  return Buffer.concat([header, content, padding]);
}
