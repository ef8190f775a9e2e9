/** Runs a reporter over events and gives back what it printed. */
import { Writable } from 'node:stream';
import type { CreateReporter, ReporterContext } from '../../../reporters/reporter.ts';
import type { RunEvent } from '../../../src/results/events.ts';
import { CWD, OUTPUT } from './script.ts';

/** A stream that remembers. */
export class Printed extends Writable {
  readonly writes: string[] = [];

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.writes.push(chunk.toString());
    done();
  }

  get text(): string {
    return this.writes.join('');
  }
}

export async function play(
  create: CreateReporter,
  events: readonly RunEvent[],
  context: Partial<ReporterContext> = {},
): Promise<Printed> {
  const stdout = new Printed();
  const reporter = create({
    output: OUTPUT,
    cwd: CWD,
    stdout,
    stderr: new Printed(),
    color: false,
    columns: 80,
    ...context,
  });
  for (const event of events) reporter.onEvent?.(event);
  await reporter.finish?.();
  return stdout;
}
