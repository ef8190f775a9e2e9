/**
 * The wire between this host and the server in the guest's shell (see `server-script.ts`). Both ways it is lines of
 * printable ASCII, since a terminal eats control characters and other programs, the kernel above all, print on it too.
 *
 * A request is a shell script: `+` and a piece of it, as often as needed, then `=ID LENGTH`. What was lost or added on
 * the way shows in the length. An answer is `~ID LENGTH TEXT ~`; whatever is printed into it breaks it. A request that
 * comes again with the same id is not done again, only answered again: so either may be lost.
 */

/** Characters in a line: a terminal's own line buffer ends at 4096 on Linux, at 1024 on some other systems. */
const LINE = 900;

/** Lines of a request. */
export function encodeRequest(id: string, script: string): string[] {
  const text = escapeForPrintf(Buffer.from(script));
  const lines: string[] = [];
  for (let at = 0; at < text.length; at += LINE) lines.push(`+${text.slice(at, at + LINE)}`);
  return [...lines, `=${id} ${text.length}`];
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
  return data.toString('base64').match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
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
