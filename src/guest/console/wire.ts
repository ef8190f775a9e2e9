/**
 * The wire between this host and the server in the guest's shell (see `server-script.ts`). Both ways it is lines of
 * printable ASCII, since a terminal eats control characters and other programs, the kernel above all, print on it too.
 *
 * A request is a shell script. A short one is `+` and a piece of it, as often as needed, then `:ID LENGTH`, or `=ID LENGTH`
 * when it is escaped for `printf`. A shell reads its lines a character at a time, which in an emulated guest takes longer
 * than starting a program: a long one is `@ID LENGTH LENGTH`, followed by base64 up to an end of file. What was lost or
 * added on the way shows in the length. An answer is `~ID LENGTH TEXT ~`; whatever is printed into it breaks it. A request
 * that comes again with the same id is not done again, only answered again: so either may be lost.
 */

/** Characters in a line: a terminal's own line buffer ends at 4096 on Linux, at 1024 on some other systems. */
const LINE = 900;

/** Characters from which a program that decodes is quicker than the shell's `read` (v86: 0.2 ms each against 60 ms). */
const LONG = 300;

export interface Request {
  /** The last one makes the server run it. */
  lines: readonly string[];
  /** For a program that the last line starts. */
  input?: readonly string[];
}

/** @param decodes the server has a decoder of base64, and nothing else is to follow the request. */
export function encodeRequest(id: string, script: string, decodes = false): Request {
  if (decodes && script.length > LONG && !/\0|\n$/.test(script)) {
    const bytes = Buffer.from(script);
    // Shells count bytes or characters, as they are made.
    return { lines: [`@${id} ${bytes.length} ${[...script].length}`], input: encodeBulk(bytes) };
  }
  const isPlain = /^[ -~]*$/.test(script);
  const text = isPlain ? script : escapeForPrintf(Buffer.from(script));
  return { lines: [...cut(text).map((piece) => `+${piece}`), `${isPlain ? ':' : '='}${id} ${text.length}`] };
}

/** Bytes as an argument of `printf %b`, which every shell has built in. */
export function escapeForPrintf(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replace(/[^ -~]|\\/g, (char) =>
      char === '\n'
        ? '\\n'
        : char === '\\'
          ? '\\\\'
          : `\\0${char.charCodeAt(0).toString(8).padStart(3, '0')}`,
    );
}

/** Base64 in lines that a terminal takes. */
export function encodeBulk(data: Buffer): string[] {
  return cut(data.toString('base64'));
}

function cut(text: string): string[] {
  return text.match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
}

export interface Answer {
  id: string;
  text: string;
}

/** Undefined for all that is no whole answer. */
export function parseAnswer(line: string): Answer | undefined {
  const [, id, length, text] = line.match(/~(\w+\.\d+) (\d+) (.*) ~$/) ?? [];
  if (id === undefined || text === undefined || text.length !== Number(length)) return undefined;
  return { id, text };
}

/** The beginning of an answer that something was printed into. */
export function isBroken(line: string, id: string): boolean {
  return line.includes(`~${id} `) && parseAnswer(line) === undefined;
}

/** The server says so when a request came damaged. */
export const DAMAGED = '!';
