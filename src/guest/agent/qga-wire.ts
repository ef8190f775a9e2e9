/**
 * The QEMU guest agent's wire: one JSON document a line. A reply that starts anew after a loss of step is marked by a
 * byte 0xFF in front, which can stand in no JSON text.
 */

const NEWLINE = 0x0a;
const DELIMITER = 0xff;

/** An agent reads files in pieces of at most 48 MB, which base64 makes 64: what is longer is no reply. */
const MAX_LINE = 96 * 1024 * 1024;

export interface QgaReply {
  /** It follows a 0xFF: the answer to `guest-sync-delimited`. */
  delimited: boolean;
  return?: unknown;
  error?: { class: string; desc: string };
}

/** Cuts the bytes of a connection into replies; what is no JSON document (a parser's leftovers, noise) is dropped. */
export class QgaReplies {
  #parts: Buffer[] = [];
  #length = 0;

  /** @throws RangeError when a line has no end. */
  push(chunk: Buffer): QgaReply[] {
    const replies: QgaReply[] = [];
    let rest = chunk;
    for (;;) {
      const end = rest.indexOf(NEWLINE);
      if (end === -1) break;
      this.#keep(rest.subarray(0, end));
      const reply = parseReply(Buffer.concat(this.#parts));
      if (reply) replies.push(reply);
      this.#parts = [];
      this.#length = 0;
      rest = rest.subarray(end + 1);
    }
    this.#keep(rest);
    return replies;
  }

  #keep(part: Buffer): void {
    if (part.length === 0) return;
    this.#parts.push(part);
    this.#length += part.length;
    if (this.#length > MAX_LINE) throw new RangeError('a reply without end');
  }
}

/** A request, and with `resync` in the form that clears a half-read one out of the agent's parser first. */
export function encodeRequest(execute: string, args: object | undefined, resync = false): Buffer {
  const text = JSON.stringify(args === undefined ? { execute } : { execute, arguments: args });
  return Buffer.concat([Buffer.from(resync ? [DELIMITER] : []), Buffer.from(`${text}\n`)]);
}

function parseReply(line: Buffer): QgaReply | undefined {
  const delimiter = line.lastIndexOf(DELIMITER);
  try {
    const reply: unknown = JSON.parse(line.toString('utf8', delimiter + 1));
    return isReply(reply) ? { ...reply, delimited: delimiter !== -1 } : undefined;
  } catch {
    return undefined;
  }
}

export function isReply(value: unknown): value is Omit<QgaReply, 'delimited'> {
  return typeof value === 'object' && value !== null && ('return' in value || 'error' in value);
}
