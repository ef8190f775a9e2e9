/**
 * One `<testcase>` and what may stand inside. A file may have a million of them, nearly all empty: what only some have
 * is made when it comes.
 */
import { BoundedText } from '../../bounded-text.ts';
import { keepBlock, keepName, roomForMore } from '../../keep-text.ts';
import type { TestCase, TestFailure } from '../../model.ts';
import type { ReadContext } from '../../parsed-results.ts';
import { withoutUndefined } from '../../without-undefined.ts';
import type { Attributes, XmlElement } from '../../xml-stream.ts';
import { UNFINISHED } from '../failure.ts';
import { parseLine, parseSeconds } from '../values.ts';
import { failureElement, outputElement, type Skipped, skippedElement } from './details.ts';
import { propertiesElement, unlessEmpty } from './properties.ts';
import { statusOf } from './status.ts';

/** The suite that a case is in. */
export interface CaseParent {
  /** Undefined when there is no room for another case. */
  startCase(attributes: Attributes): XmlElement | undefined;
  /** At the end tag, or where the file ends without one. */
  endCase(testCase: TestCase): void;
}

export class CaseElement implements XmlElement {
  readonly #attributes: Attributes;
  readonly #context: ReadContext;
  readonly #parent: CaseParent;
  readonly #failures: TestFailure[] = [];
  readonly #reruns: TestFailure[] = [];
  #failed = false;
  #skipped: Skipped | undefined;
  #stdout: BoundedText | undefined;
  #stderr: BoundedText | undefined;
  #properties: Record<string, string> | undefined;

  constructor(attributes: Attributes, context: ReadContext, parent: CaseParent) {
    this.#attributes = attributes;
    this.#context = context;
    this.#parent = parent;
  }

  child(name: string, attributes: Attributes): XmlElement | undefined {
    const context = this.#context;
    switch (name) {
      case 'failure':
        this.#failed = true;
        return this.#failure(attributes, this.#failures);
      case 'error':
        return this.#failure(attributes, this.#failures);
      case 'rerunFailure':
      case 'rerunError':
      case 'flakyFailure':
      case 'flakyError':
        return this.#failure(attributes, this.#reruns);
      case 'skipped':
        return skippedElement(attributes, context, (skipped) => {
          this.#skipped = skipped;
        });
      case 'system-out':
        this.#stdout ??= new BoundedText(context.limits.caseOutput);
        return outputElement(this.#stdout);
      case 'system-err':
        this.#stderr ??= new BoundedText(context.limits.caseOutput);
        return outputElement(this.#stderr);
      case 'properties':
        this.#properties ??= Object.create(null) as Record<string, string>;
        return propertiesElement(this.#properties, context);
      case 'testcase':
        // No producer means a test within a test, but one that forgets end tags writes it. None may get lost.
        return this.#parent.startCase(attributes);
      default:
        return undefined;
    }
  }

  close(finished: boolean): void {
    const attributes = this.#attributes;
    const context = this.#context;
    const failures = this.#failures;
    if (!finished) failures.push(UNFINISHED);
    const status = statusOf({
      finished,
      failed: this.#failed,
      failures,
      skipped: this.#skipped,
      attributes,
    });
    this.#parent.endCase(
      withoutUndefined({
        name: keepName(attributes['name'], context) ?? '(no name)',
        classname: keepName(attributes['classname'] ?? attributes['class'], context),
        file: keepName(attributes['file'] ?? attributes['filepath'], context),
        line: parseLine(attributes['line']),
        status,
        duration: parseSeconds(attributes['time'], context.problems),
        failures: status !== 'skipped' ? exactly(failures) : undefined,
        skipReason: status === 'skipped' ? this.#skipped?.reason : undefined,
        reruns: exactly(this.#reruns),
        properties: unlessEmpty(this.#properties),
        stdout: keepBlock(this.#stdout, 'the output of a test', context),
        stderr: keepBlock(this.#stderr, 'the output of a test', context),
      }),
    );
  }

  #failure(attributes: Attributes, list: TestFailure[]): XmlElement {
    const context = this.#context;
    return failureElement(attributes, context, (failure) => {
      if (list.length >= context.limits.failures) {
        context.problems.add(
          `a test has more than ${context.limits.failures} failures; the rest was left out`,
        );
      } else if (list.length === 0 || roomForMore(context)) {
        list.push(failure);
      }
    });
  }
}

/** A copy, for V8 gives an array that grows from nothing room for seventeen. Undefined when it is empty. */
function exactly<T>(list: readonly T[]): T[] | undefined {
  return list.length > 0 ? list.slice() : undefined;
}
