/** A package of Go as its events come in: a suite, the tests that run, those that ran. */
import { BoundedText } from '../../bounded-text.ts';
import { keepBlock, keepName } from '../../keep-text.ts';
import type { TestCase, TestFailure, TestSuite } from '../../model.ts';
import type { ReadContext } from '../../parsed-results.ts';
import { withoutUndefined } from '../../without-undefined.ts';
import { keepFailure, UNFINISHED } from '../failure.ts';
import { nameKey } from '../name-key.ts';
import { takeRoom } from '../room.ts';
import { parseTimestamp } from '../values.ts';
import { GoTest } from './go-case.ts';
import type { GoEvent } from './go-event.ts';
import type { OpenOutput, OpenOutputs } from './open-output.ts';

const STATUS = { pass: 'passed', bench: 'passed', fail: 'failed', skip: 'skipped' } as const;

/** The last lines of a package, which say again how it ended. */
const ENDING = /^(?:PASS|FAIL|ok\s.*|FAIL\s.*|\?\s.*|exit status \d+)\s*$/;

const ABANDONED: Readonly<TestFailure> = { message: 'the test has no end, although its package ended' };

export class GoPackage {
  readonly #name: string;
  readonly #outputs: OpenOutputs;
  readonly #output: OpenOutput;
  readonly #context: ReadContext;
  readonly #suite: TestSuite;
  readonly #open = new Map<string, GoTest>();
  /** Where the case of a test that ended stands: it may run again. */
  readonly #ended = new Map<string, number>();
  #end: GoEvent | undefined;

  constructor(name: string, first: GoEvent, outputs: OpenOutputs, context: ReadContext) {
    this.#name = name;
    this.#outputs = outputs;
    this.#output = outputs.create(context.limits.suiteOutput);
    this.#context = context;
    const timestamp = parseTimestamp(first.time);
    this.#suite = withoutUndefined({ name: name || 'tests', timestamp, cases: [] });
  }

  /** Answers what to say of the rest when there is no room for more tests. */
  take(event: GoEvent): string | undefined {
    const { action, test, output = '' } = event;
    if (test === undefined) {
      if (action === 'output' && !ENDING.test(output)) this.#output.append(output);
      else if (action === 'start') this.#end = undefined;
      else if (action === 'pass' || action === 'fail' || action === 'skip') this.#endPackage(event);
      return undefined;
    }
    const key = nameKey(test, this.#context.limits.name);
    // A test may still speak after its end; only a `run` or another end is another attempt.
    if (action === 'run') this.#end = undefined;
    else if (this.#ended.has(key) && !this.#open.has(key) && !Object.hasOwn(STATUS, action)) {
      if (action === 'output') this.#output.append(output);
      return undefined;
    }
    const full = this.#openTest(key, test);
    if (full) return full;
    this.#takeOfTest(key, event);
    return undefined;
  }

  /** @param builds What the compiler said, by import path. */
  finish(builds: (path: string) => BoundedText | undefined): { suite: TestSuite; ended: boolean } {
    const { cases } = this.#suite;
    for (const [key, test] of this.#open)
      this.#close(key, test.end(this.#name, 'error', undefined, UNFINISHED));
    const output = this.#output.end();
    if (this.#end?.action === 'fail' && !cases.some(isFailing)) {
      cases.push(this.#failedPackage(this.#end, output, builds));
    } else if (output) {
      const stdout = keepBlock(output, 'the output of a package', this.#context);
      if (stdout !== undefined) this.#suite.stdout = stdout;
    }
    return { suite: this.#suite, ended: this.#end !== undefined };
  }

  #takeOfTest(key: string, event: GoEvent): void {
    const test = this.#open.get(key) as GoTest;
    const { action, output, elapsed } = event;
    if (action === 'output') test.say(output ?? '');
    else if (action === 'attr') test.attribute(event);
    else if (Object.hasOwn(STATUS, action)) {
      const status = STATUS[action as keyof typeof STATUS];
      this.#open.delete(key);
      this.#close(key, test.end(this.#name, status, elapsed));
    }
  }

  #openTest(key: string, test: string): string | undefined {
    if (this.#open.has(key)) return undefined;
    const full = this.#ended.has(key) ? undefined : takeRoom(this.#context, 'cases');
    if (full) return full;
    const name = keepName(test, this.#context) ?? '(no name)';
    const output = this.#outputs.create(this.#context.limits.caseOutput);
    this.#open.set(name === key ? name : key, new GoTest(name, output, this.#context));
    return undefined;
  }

  /** A package that ends takes its tests with it: what a panic or a time limit left without an end broke. */
  #endPackage(event: GoEvent): void {
    this.#end = event;
    for (const [key, test] of this.#open)
      this.#close(key, test.end(this.#name, 'error', undefined, ABANDONED));
    this.#open.clear();
    if (event.elapsed !== undefined) this.#suite.duration = Math.max(Math.round(event.elapsed * 1000), 0);
  }

  /** Several ends of a test are attempts (`gotestsum --rerun-fails`, `-count`): the last one decides. */
  #close(key: string, testCase: TestCase): void {
    const { cases } = this.#suite;
    const at = this.#ended.get(key);
    const before = at === undefined ? undefined : cases[at];
    if (at === undefined || before === undefined) {
      this.#ended.set(key, cases.length);
      cases.push(testCase);
      return;
    }
    const failures = isFailing(before) ? (before.failures ?? []) : [];
    const reruns = [...(before.reruns ?? []), ...failures];
    if (reruns.length > this.#context.limits.failures) {
      reruns.length = this.#context.limits.failures;
      this.#context.problems.add(`a test has more than ${reruns.length} failures; the rest was left out`);
    }
    cases[at] = reruns.length > 0 ? { ...testCase, reruns } : testCase;
  }

  /** A build, an init, a TestMain, a data race or a time limit has no test to carry it. */
  #failedPackage(
    { failedBuild }: GoEvent,
    output: BoundedText | undefined,
    builds: (path: string) => BoundedText | undefined,
  ): TestCase {
    const built = failedBuild === undefined ? undefined : builds(failedBuild);
    const details = new BoundedText(this.#context.limits.details);
    for (const part of [built, output]) if (part) details.append(part.toString());
    const said = /^[ \t]*(panic: .*|FATAL.*|\S+\.go:\d+(?::\d+)?: .*)$/m.exec(details.toString())?.[1];
    const message =
      said ?? (failedBuild === undefined ? 'the package failed, but none of its tests' : 'the build failed');
    const failure = keepFailure({ message, details }, this.#context);
    return withoutUndefined({
      name: failedBuild === undefined ? '(package)' : '(build)',
      classname: this.#name || undefined,
      status: failedBuild === undefined ? ('failed' as const) : ('error' as const),
      failures: [failure],
    });
  }
}

function isFailing({ status }: TestCase): boolean {
  return status === 'failed' || status === 'error';
}
