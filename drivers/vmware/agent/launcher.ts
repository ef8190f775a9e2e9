/**
 * The script that runs a program in a POSIX guest. `vmrun` brings back neither outputs nor signals, and hands arguments to a shell of the
 * guest whose quoting differs from version to version, so everything goes by files: the script in, one file with the outcome out.
 */
import type { AgentStartOptions } from '../../../src/guest/channel.ts';
import { quotePosix } from '../../../src/guest/shell/quote.ts';

/** Bytes of a program's own output files that come along with its end; the rest is fetched when it is asked for. */
const ALONG = 256 * 1024;
/** Bytes of captured output, of each stream. */
const MOST_CAPTURED = 16 * 1024 * 1024;

export interface LaunchPlan {
  argv: readonly string[];
  options: AgentStartOptions;
  /** Path in the guest that the names of all files of this program begin with. */
  base: string;
  /** Files of earlier programs that are not needed any more. */
  garbage: readonly string[];
}

export function inputFile(base: string): string {
  return `${base}.in`;
}

export function endFile(base: string): string {
  return `${base}.end`;
}

export function launcherScript({ argv, options, base, garbage }: LaunchPlan): string {
  const { input, capture, outputs = [] } = options;
  const [out, err] = capture ? [`${base}.out`, `${base}.err`] : ['/dev/null', '/dev/null'];
  const parts = [
    ...(capture ? [out, err].map((file) => part(file, MOST_CAPTURED)) : []),
    ...outputs.map((file) => part(file, ALONG)),
  ];
  const own = capture ? [out, err] : [];
  return [
    garbage.length > 0 ? `rm -f ${garbage.map(quotePosix).join(' ')}` : ':',
    `${argv.map(quotePosix).join(' ')} <${input ? inputFile(base) : '/dev/null'} >${out} 2>${err}`,
    'code=$?',
    // A file as long as its heading says, or shorter when a child goes on writing: `head` holds both to the same length.
    'part() { n=0; if [ -f "$1" ]; then n=$(($(wc -c <"$1"))); fi; [ $n -le $2 ] || n=$2; printf "%s\\n" "$n"; head -c "$n" "$1" 2>/dev/null; }',
    `{ printf "%s\\n" "$code"; ${[...parts, ':'].join('; ')}; } >${base}.tmp`,
    `mv ${base}.tmp ${endFile(base)}`,
    `rm -f ${[...own, inputFile(base), `${base}.sh`].join(' ')}`,
    'exit 0',
    '',
  ].join('\n');
}

function part(file: string, most: number): string {
  return `part ${quotePosix(file)} ${most}`;
}

export interface Outcome {
  exitCode: number;
  stdout: Buffer;
  stderr: Buffer;
  truncated: boolean;
  /** What has come along of the output files, and whether that is all there was. */
  outputs: Map<string, { bytes: Buffer; whole: boolean }>;
}

/** Undefined for what this script has not written. */
export function parseOutcome(
  bytes: Buffer,
  { capture, outputs = [] }: AgentStartOptions,
): Outcome | undefined {
  const reader = new Reader(bytes);
  const exitCode = reader.number();
  const streams = capture ? [reader.part(), reader.part()] : [Buffer.alloc(0), Buffer.alloc(0)];
  const along = outputs.map((file) => [file, reader.part()] as const);
  const [stdout, stderr] = streams;
  if (exitCode === undefined || !stdout || !stderr || along.some(([, part]) => part === undefined)) {
    return undefined;
  }
  return {
    exitCode,
    stdout,
    stderr,
    truncated: [stdout, stderr].some(({ length }) => length >= MOST_CAPTURED),
    outputs: new Map(
      along.map(([file, part = Buffer.alloc(0)]) => [file, { bytes: part, whole: part.length < ALONG }]),
    ),
  };
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  number(): number | undefined {
    const end = this.#bytes.indexOf('\n', this.#at);
    const text = this.#bytes.toString('latin1', this.#at, end === -1 ? this.#at : end);
    if (!/^\d+$/.test(text)) return undefined;
    this.#at = end + 1;
    return Number(text);
  }

  part(): Buffer | undefined {
    const length = this.number();
    if (length === undefined || this.#at + length > this.#bytes.length) return undefined;
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}
