/** Whole lines for CI logs and pipes, to the standard output or to a file. */
import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import type { CreateReporter } from './reporter.ts';
import { renderLine } from './text/line.ts';
import { PlainLog } from './text/plain-log.ts';

/** Where the width is not known: log viewers are wider than terminals. */
const WIDTH = 100;

export const createReporter: CreateReporter = ({ output, path, stdout, color, columns, cwd }) => {
  const stream: NodeJS.WritableStream = path === undefined ? stdout : openFile(path);
  const colored = color && path === undefined;
  let failure: Error | undefined;
  stream.on('error', (error: Error) => {
    failure ??= error;
  });
  const log = new PlainLog({
    width: columns ?? WIDTH,
    output,
    cwd: cwd ?? process.cwd(),
  });
  return {
    onEvent(event) {
      // One write an event: lines of other writers come before or after, never between.
      const lines = log.tell(event);
      if (lines.length > 0) stream.write(`${lines.map((line) => renderLine(line, colored)).join('\n')}\n`);
    },
    async finish() {
      if (path === undefined) await flushed(stream);
      else await finished(stream.end());
      if (failure) throw failure;
    },
  };
};

function openFile(path: string): NodeJS.WritableStream {
  mkdirSync(dirname(path), { recursive: true });
  return createWriteStream(path);
}

/** Resolves when everything before is with the system: the process may end right after. */
function flushed(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}
