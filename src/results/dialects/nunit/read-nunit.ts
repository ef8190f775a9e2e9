/** NUnit 3 XML: suites of many kinds in suites, of which the assembly is the one that people know. */
import { keepName } from '../../keep-text.ts';
import type { TestCase, TestSuite } from '../../model.ts';
import type { ReadContext } from '../../parsed-results.ts';
import { withoutUndefined } from '../../without-undefined.ts';
import { type Attributes, readXml, type StopReading, type XmlElement } from '../../xml-stream.ts';
import type { DialectReader } from '../dialect.ts';
import { keepFailure } from '../failure.ts';
import { takeRoom } from '../room.ts';
import { fileName, parseCount, parseSeconds, parseTimestamp } from '../values.ts';
import { FailureTexts, xmlOptions } from '../xml-parts.ts';
import { caseElement } from './case.ts';

export const readNUnit: DialectReader = async (text, context) => {
  const suites: TestSuite[] = [];
  const complete = await readXml(
    text,
    (stop) => {
      const file = new NUnitFile(context, stop, suites);
      return { child: (name, attributes) => (name === 'test-run' ? file.run(attributes) : undefined) };
    },
    xmlOptions(context),
  );
  return { suites: suites.filter(({ cases }) => cases.length > 0), complete };
};

class NUnitFile {
  readonly #context: ReadContext;
  readonly #stop: StopReading;
  readonly #suites: TestSuite[];
  #cases = 0;

  constructor(context: ReadContext, stop: StopReading, suites: TestSuite[]) {
    this.#context = context;
    this.#stop = stop;
    this.#suites = suites;
  }

  run(attributes: Attributes): XmlElement {
    const declared = parseCount(attributes['total']);
    return {
      child: this.#children(),
      close: () => {
        if (this.#cases >= declared) return;
        this.#context.problems.add(`the file declares ${declared} tests, but has only ${this.#cases}`);
      },
    };
  }

  /** What may stand in the run and in every suite. @param suite Of the assembly around it, when there is one. */
  #children(suite?: TestSuite): NonNullable<XmlElement['child']> {
    return (name, attributes) => {
      if (name === 'test-suite') return this.#suite(attributes, suite);
      return name === 'test-case' ? this.#case(attributes, suite ?? this.#add({ name: 'tests' })) : undefined;
    };
  }

  #suite(attributes: Attributes, around: TestSuite | undefined): XmlElement | undefined {
    const full = takeRoom(this.#context, 'suites');
    if (full) {
      this.#stop(full);
      return undefined;
    }
    const isAssembly = attributes['type'] === 'Assembly';
    const suite = around && !isAssembly ? around : this.#add(this.#start(attributes));
    const children = this.#children(suite);
    const texts = new FailureTexts(this.#context);
    return {
      child: (name, childAttributes) =>
        name === 'failure' ? texts.element() : children(name, childAttributes),
      close: () => {
        if (brokeItself(attributes)) suite.cases.push(this.#brokenSuite(attributes, texts));
      },
    };
  }

  #case(attributes: Attributes, suite: TestSuite): XmlElement | undefined {
    const full = takeRoom(this.#context, 'cases');
    if (full) {
      this.#stop(full);
      return undefined;
    }
    this.#cases += 1;
    return caseElement(attributes, this.#context, (testCase) => suite.cases.push(testCase));
  }

  #start(attributes: Attributes): Omit<TestSuite, 'cases'> {
    return withoutUndefined({
      name: keepName(fileName(attributes['name']), this.#context) ?? 'tests',
      timestamp: parseTimestamp(attributes['start-time']),
      duration: parseSeconds(attributes['duration'], this.#context.problems),
    });
  }

  #add(suite: Omit<TestSuite, 'cases'>): TestSuite {
    const added = { ...suite, cases: [] };
    this.#suites.push(added);
    return added;
  }

  /** A fixture that broke has no case of its own for that; without one it would be invisible. */
  #brokenSuite(attributes: Attributes, texts: FailureTexts): TestCase {
    const where = attributes['site'] ?? attributes['label'];
    return withoutUndefined({
      name: where === undefined ? '(suite)' : (keepName(`(${where})`, this.#context) ?? '(suite)'),
      classname: keepName(attributes['classname'] ?? attributes['fullname'], this.#context),
      status: 'error' as const,
      failures: [keepFailure({ ...texts.parts(), type: attributes['label'] }, this.#context)],
    });
  }
}

/** A suite also fails when something below or above it does; that is told there. */
function brokeItself({ result, site }: Attributes): boolean {
  return result === 'Failed' && site !== 'Child' && site !== 'Parent';
}
