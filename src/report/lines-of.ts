import { createReadStream } from 'node:fs';

const LINE_FEED = 0x0a;

/**
 * The lines of a UTF-8 file, one in memory at a time, the last one also without its end. Split at `\n` alone, unlike
 * node:readline, for which U+2028 ends a line too: JSON holds that as it is.
 * @throws ERR_STRING_TOO_LONG for a line longer than any string (half a gigabyte).
 */
export async function* linesOf(path: string): AsyncGenerator<string> {
  let held: Buffer[] = [];
  const take = (last: Buffer): string => {
    const line = Buffer.concat([...held, last]).toString('utf8');
    held = [];
    return line;
  };
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      yield take(chunk.subarray(start, end));
      start = end + 1;
    }
    if (start < chunk.length) held.push(chunk.subarray(start));
  }
  if (held.length > 0) yield take(Buffer.alloc(0));
}
