/** Whole lines for CI logs and pipes, to the standard output or to a file. */
import { LogFile } from './log-file.ts';
import type { CreateReporter } from './reporter.ts';
import { renderLine } from './text/line.ts';
import { PlainLog } from './text/plain-log.ts';

/** Where the width is not known: log viewers are wider than terminals. */
const WIDTH = 100;

interface Sink {
  write(text: string): void;
  /** Resolves when everything before is with the system: the process may end right after. */
  end(): Promise<void>;
}

export const createReporter: CreateReporter = ({ output, path, stdout, color, columns, cwd }) => {
  const sink: Sink = path === undefined ? sinkOf(stdout) : new LogFile(path);
  const colored = color && path === undefined;
  const log = new PlainLog({
    width: columns ?? WIDTH,
    output,
    cwd: cwd ?? process.cwd(),
  });
  return {
    onEvent(event) {
      // One write an event: lines of other writers come before or after, never between.
      const lines = log.tell(event);
      if (lines.length > 0) sink.write(`${lines.map((line) => renderLine(line, colored)).join('\n')}\n`);
    },
    finish: () => sink.end(),
  };
};

function sinkOf(stream: NodeJS.WritableStream): Sink {
  let failure: Error | undefined;
  stream.on('error', (error: Error) => {
    failure ??= error;
  });
  return {
    write: (text) => stream.write(text),
    end: async () => {
      await new Promise<void>((resolve) => stream.write('', () => resolve()));
      if (failure) throw failure;
    },
  };
}
