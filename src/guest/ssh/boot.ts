/**
 * How a script gets to a shell over SSH, past the account's login shell (fish and csh take commands in ways of their own)
 * and past whatever its start-up files print. The command is constant; the script travels on stdin, with its own input
 * behind it.
 */
import type { Boot } from '../boot.ts';

/**
 * Takes a script of so many lines from stdin, and no byte more (`read` of a pipe reads single bytes), then prints the
 * mark and becomes the script. Half a script, of a connection that broke, is not run. Without a line break, a single
 * quote or a `!` in it, which shells treat in their own ways.
 */
export function bootCommand(script: string, mark: string): string {
  const lines = script.split('\n').length - 1;
  return `exec sh -c 'n=$(printf "\\n.");n=\${n%.};s=;c=${lines};while [ $c -gt 0 ];do IFS= read -r l||exit 1;s="$s$l$n";c=$((c-1));done;printf ${mark};eval "$s"'`;
}

/** For POSIX guests. */
export const shBoot: Boot = {
  // A shell takes a script byte by byte from its stdin; a longer one is faster through a file.
  mostInline: 8 * 1024,
  command: bootCommand,
};

/** Start-up files that print more than this have their words forgotten. */
const MOST_NOISE = 16 * 1024;

/** Drops what comes before the mark. */
export class AfterMark {
  readonly #mark: Buffer;
  #before: Buffer | undefined = Buffer.alloc(0);

  constructor(mark: string) {
    this.#mark = Buffer.from(mark);
  }

  /** What was printed instead of the mark, when the script never began: "This account is not available." */
  get noise(): Buffer {
    return this.#before ?? Buffer.alloc(0);
  }

  take(chunk: Buffer): Buffer {
    if (this.#before === undefined) return chunk;
    const seen = Buffer.concat([this.#before, chunk]);
    const at = seen.indexOf(this.#mark);
    this.#before = at === -1 ? seen.subarray(-MOST_NOISE) : undefined;
    return at === -1 ? Buffer.alloc(0) : seen.subarray(at + this.#mark.length);
  }
}
