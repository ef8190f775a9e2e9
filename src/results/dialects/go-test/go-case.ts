/** A test of Go: what it said until its end, and the case it becomes. */
import type { BoundedText } from '../../bounded-text.ts';
import { keepBlock, keepMessage, keepName, roomForMore } from '../../keep-text.ts';
import type { TestCase, TestFailure, TestStatus } from '../../model.ts';
import type { ReadContext } from '../../parsed-results.ts';
import { withoutUndefined } from '../../without-undefined.ts';
import { keepFailure } from '../failure.ts';
import type { GoEvent } from './go-event.ts';
import type { OpenOutput } from './open-output.ts';

/** Lines of `go test -v` itself, which say what the events say. */
const FRAME = /^\s*(?:=== (?:RUN|PAUSE|CONT|NAME)\s|--- (?:PASS|FAIL|SKIP|BENCH): )/;
/** Where Go's own reports begin: `    file_test.go:12: text`, and a panic. */
const REPORT = /^[ \t]*(panic: .*|[^\s:]+\.go:\d+: .*)$/m;

export class GoTest {
  readonly #name: string;
  readonly #output: OpenOutput;
  readonly #context: ReadContext;
  #properties: Record<string, string> | undefined;

  /** @param name Already cleaned. */
  constructor(name: string, output: OpenOutput, context: ReadContext) {
    this.#name = name;
    this.#output = output;
    this.#context = context;
  }

  say(output: string): void {
    if (!FRAME.test(output)) this.#output.append(output);
  }

  attribute({ key, value = '' }: GoEvent): void {
    const name = keepName(key, this.#context);
    if (name === undefined || !roomForMore(this.#context)) return;
    this.#properties ??= Object.create(null) as Record<string, string>;
    if (Object.keys(this.#properties).length >= this.#context.limits.properties) {
      this.#context.problems.add(
        `more than ${this.#context.limits.properties} properties; the rest was left out`,
      );
      return;
    }
    this.#properties[name] = keepMessage(value, this.#context) ?? '';
  }

  /** @param failure In place of one made from the output. */
  end(classname: string, status: TestStatus, elapsed?: number, failure?: TestFailure): TestCase {
    const output = this.#output.end();
    const said = output === undefined ? '' : (REPORT.exec(output.toString())?.[1] ?? '');
    const failing = status === 'failed' || status === 'error';
    return withoutUndefined({
      name: this.#name,
      classname: classname || undefined,
      status,
      duration: elapsed === undefined ? undefined : Math.max(Math.round(elapsed * 1_000_000) / 1000, 0),
      failures: failing ? this.#failures(said, output, failure) : undefined,
      skipReason:
        status === 'skipped' ? keepMessage(said.replace(/^[^\s:]+\.go:\d+: /, ''), this.#context) : undefined,
      properties: this.#properties,
      stdout:
        output && (!failing || failure)
          ? keepBlock(output, 'the output of a test', this.#context)
          : undefined,
    });
  }

  /** stdout and stderr of a test are one stream with its reports in it: of a failing test all of that is the failure. */
  #failures(
    said: string,
    output: BoundedText | undefined,
    given: TestFailure | undefined,
  ): TestFailure[] | undefined {
    if (given) return [given];
    return (
      output && [keepFailure({ message: said === '' ? undefined : said, details: output }, this.#context)]
    );
  }
}
