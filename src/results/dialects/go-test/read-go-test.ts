/** `go test -json`: an event a line, of packages that interleave, with lines of other output in between. */

import { forEachLine, type Line } from '../../bounded-lines.ts';
import { BoundedText } from '../../bounded-text.ts';
import { keepName } from '../../keep-text.ts';
import type { TestSuite } from '../../model.ts';
import type { ReadContext } from '../../parsed-results.ts';
import type { DialectReader } from '../dialect.ts';
import { keepFailure } from '../failure.ts';
import { nameKey } from '../name-key.ts';
import { takeRoom } from '../room.ts';
import { type GoEvent, parseGoEvent } from './go-event.ts';
import { GoPackage } from './go-package.ts';
import { type OpenOutput, OpenOutputs } from './open-output.ts';

/** Packages whose build is heard; nobody reads the errors of more. */
const MOST_BUILDS = 1_000;

export const readGoTest: DialectReader = async (text, context) => {
  const reader = new GoTestReader(context);
  await forEachLine(text, context.limits.unit, (line) => reader.line(line));
  return reader.end();
};

class GoTestReader {
  readonly #context: ReadContext;
  readonly #outputs: OpenOutputs;
  readonly #packages = new Map<string, GoPackage>();
  readonly #builds = new Map<string, { output: OpenOutput; failed: boolean }>();
  #complete = true;
  #stopped = false;

  constructor(context: ReadContext) {
    this.#context = context;
    this.#outputs = new OpenOutputs(context);
  }

  line({ text, whole, ended }: Line): boolean {
    const line = text.startsWith('\ufeff') ? text.slice(1) : text;
    if (!whole) {
      const { unit } = this.#context.limits;
      if (line.startsWith('{')) this.#missing(`an event is longer than ${unit} characters and was left out`);
      return true;
    }
    const event = parseGoEvent(line);
    if (event === 'broken' || (event === undefined && !ended && line.startsWith('{'))) {
      const cut = 'the file ends in the middle: it was cut off, or its writer was';
      this.#missing(ended ? 'an event is not valid JSON and was left out' : cut);
    } else if (event !== undefined) {
      this.#take(event);
    }
    return !this.#stopped;
  }

  end(): { suites: TestSuite[]; complete: boolean } {
    const suites: TestSuite[] = [];
    const told = new Set<string>();
    const builds = (path: string): BoundedText | undefined => {
      const key = nameKey(path, this.#context.limits.name);
      told.add(key);
      return this.#builds.get(key)?.output.end();
    };
    for (const goPackage of this.#packages.values()) {
      const { suite, ended } = goPackage.finish(builds);
      if (suite.cases.length > 0 || suite.stdout !== undefined) suites.push(suite);
      if (!ended)
        this.#missing(`the package ${suite.name} has no end: the output was cut off, or its writer was`);
    }
    for (const [path, { output, failed }] of this.#builds) {
      if (failed && !told.has(path)) suites.push(this.#failedBuild(path, output.end()));
    }
    return { suites, complete: this.#complete };
  }

  #take(event: GoEvent): void {
    if (event.action === 'build-output' || event.action === 'build-fail') {
      this.#takeBuild(event);
      return;
    }
    const key = nameKey(event.package, this.#context.limits.name);
    let goPackage = this.#packages.get(key);
    if (!goPackage) {
      const full = takeRoom(this.#context, 'suites');
      if (full) {
        this.#stop(full);
        return;
      }
      const name = keepName(event.package, this.#context) ?? '';
      goPackage = new GoPackage(name, event, this.#outputs, this.#context);
      this.#packages.set(key, goPackage);
    }
    const full = goPackage.take(event);
    if (full) this.#stop(full);
  }

  #takeBuild({ action, importPath = '', output = '' }: GoEvent): void {
    const path = nameKey(importPath, this.#context.limits.name);
    let build = this.#builds.get(path);
    if (!build) {
      if (this.#builds.size >= MOST_BUILDS) {
        this.#missing(`more than ${MOST_BUILDS} packages were built; the output of the rest was left out`);
        return;
      }
      build = { output: this.#outputs.create(this.#context.limits.details), failed: false };
      this.#builds.set(path, build);
    }
    if (action === 'build-fail') build.failed = true;
    else build.output.append(output);
  }

  /** A build that failed without a package that says so. */
  #failedBuild(path: string, output: BoundedText | undefined): TestSuite {
    const details = output ?? new BoundedText(0);
    const failure = keepFailure({ message: 'the build failed', details }, this.#context);
    const name = keepName(path, this.#context) ?? 'build';
    return { name, cases: [{ name: '(build)', status: 'error', failures: [failure] }] };
  }

  #stop(problem: string): void {
    this.#stopped = true;
    this.#missing(problem);
  }

  #missing(problem: string): void {
    this.#complete = false;
    this.#context.problems.add(problem);
  }
}
