/**
 * JUnit XML, which has no standard: every root that producers write, suites flattened, declared counts not believed.
 * Tolerant of anything; what is missing or doubtful is said.
 */
import { BoundedText } from '../../bounded-text.ts';
import { keepBlock, keepName } from '../../keep-text.ts';
import type { TestSuite } from '../../model.ts';
import type { ReadContext } from '../../parsed-results.ts';
import { withoutUndefined } from '../../without-undefined.ts';
import { type Attributes, readXml, type StopReading, type XmlElement } from '../../xml-stream.ts';
import type { DialectReader } from '../dialect.ts';
import { takeRoom } from '../room.ts';
import { parseCount, parseSeconds, parseTimestamp } from '../values.ts';
import { xmlOptions } from '../xml-parts.ts';
import { CaseElement, type CaseParent } from './case.ts';
import { failureElement, outputElement } from './details.ts';
import { propertiesElement, unlessEmpty } from './properties.ts';

export const readJUnit: DialectReader = async (text, context) => {
  const suites: TestSuite[] = [];
  const makeDocument = (stop: StopReading): XmlElement => ({
    child: (name, attributes) => rootElement(name, attributes, { context, suites, stop }),
  });
  const complete = await readXml(text, makeDocument, xmlOptions(context));
  return { suites: suites.filter(worthKeeping), complete };
};

/** Suites that only hold other suites are known by those suites' names. */
function worthKeeping(suite: TestSuite): boolean {
  return suite.cases.length > 0 || suite.stdout !== undefined || suite.stderr !== undefined;
}

interface Shared {
  context: ReadContext;
  /** All suites of the file, in the order of their start tags. */
  suites: TestSuite[];
  stop: StopReading;
}

/** Cases of an element and of all below it: those that are there, and those declared that are not. */
interface Tally {
  present: number;
  missing: number;
}

function rootElement(name: string, attributes: Attributes, shared: Shared): XmlElement | undefined {
  const tally = { present: 0, missing: 0 };
  if (name === 'testsuite') return suiteElement(attributes, '', shared, tally);
  const title = name === 'testcase' ? undefined : keepName(attributes['name'], shared.context);
  let loose: TestSuite | undefined;
  const cases = caseParent(shared, tally, () => {
    loose ??= addSuite({ name: title ?? 'tests', cases: [] }, shared);
    return loose;
  });
  if (name === 'testcase') return cases.startCase(attributes);
  if (name !== 'testsuites' && name !== 'testrun') return undefined;
  return {
    child(childName, childAttributes) {
      if (childName === 'testsuite') return suiteElement(childAttributes, '', shared, tally);
      return childName === 'testcase' ? cases.startCase(childAttributes) : undefined;
    },
    close: () => compareCount(attributes, tally, shared.context),
  };
}

function suiteElement(
  attributes: Attributes,
  ancestry: string,
  shared: Shared,
  above: Tally,
): XmlElement | undefined {
  const { context } = shared;
  const full = takeRoom(context, 'suites');
  if (full) {
    shared.stop(full);
    return undefined;
  }
  const path = joinNames(ancestry, suiteName(attributes), context);
  const suite = addSuite(startSuite(attributes, path, context), shared);
  const tally = { present: 0, missing: 0 };
  const cases = caseParent(shared, tally, () => suite);
  const stdout = new BoundedText(context.limits.suiteOutput);
  const stderr = new BoundedText(context.limits.suiteOutput);
  const properties: Record<string, string> = Object.create(null);
  return {
    child(name, childAttributes) {
      if (name === 'testcase') return cases.startCase(childAttributes);
      if (name === 'testsuite') return suiteElement(childAttributes, path, shared, tally);
      if (name === 'properties') return propertiesElement(properties, context);
      if (name === 'system-out') return outputElement(stdout);
      if (name === 'system-err') return outputElement(stderr);
      return name === 'error' || name === 'failure'
        ? suiteFailure(name, childAttributes, suite, shared)
        : undefined;
    },
    close() {
      const texts = {
        properties: unlessEmpty(properties),
        stdout: keepBlock(stdout, 'the output of a suite', context),
        stderr: keepBlock(stderr, 'the output of a suite', context),
      };
      Object.assign(suite, withoutUndefined(texts));
      compareCount(attributes, tally, context);
      above.present += tally.present;
      above.missing += tally.missing;
    },
  };
}

/** @param suite Asked at the end of a case: a root has a suite only when one stands directly in it (node:test). */
function caseParent({ context, stop }: Shared, tally: Tally, suite: () => TestSuite): CaseParent {
  const parent: CaseParent = {
    startCase(attributes) {
      const full = takeRoom(context, 'cases');
      if (full) {
        stop(full);
        return undefined;
      }
      tally.present += 1;
      return new CaseElement(attributes, context, parent);
    },
    endCase: (testCase) => suite().cases.push(testCase),
  };
  return parent;
}

/** A suite that itself broke (a fixture, a constructor) has no case to carry that; without one it would be invisible. */
function suiteFailure(
  name: 'error' | 'failure',
  attributes: Attributes,
  suite: TestSuite,
  { context, stop }: Shared,
): XmlElement | undefined {
  const full = takeRoom(context, 'cases');
  if (full) {
    stop(full);
    return undefined;
  }
  return failureElement(attributes, context, (failure) => {
    suite.cases.push({
      name: '(suite)',
      status: name === 'failure' ? 'failed' : 'error',
      failures: [failure],
    });
  });
}

function addSuite(suite: TestSuite, shared: Shared): TestSuite {
  shared.suites.push(suite);
  return suite;
}

function startSuite(attributes: Attributes, path: string, context: ReadContext): TestSuite {
  return withoutUndefined({
    name: path || 'tests',
    file: keepName(attributes['file'] ?? attributes['filepath'], context),
    timestamp: parseTimestamp(attributes['timestamp']),
    hostname: keepName(attributes['hostname'], context),
    duration: parseSeconds(attributes['time'], context.problems),
    cases: [],
  });
}

/** Bounded at each level, for a long name may have a great many descendants. */
function joinNames(ancestry: string, name: string, context: ReadContext): string {
  const path = name === '' || ancestry === '' ? ancestry + name : `${ancestry} > ${name}`;
  return keepName(path, context) ?? '';
}

/** Ant wrote the package beside the bare class name. */
function suiteName(attributes: Attributes): string {
  const name = attributes['name'] ?? '';
  const inPackage = attributes['package'];
  return inPackage && !name.startsWith(inPackage) ? `${inPackage}.${name}` : name;
}

/** Producers count wrongly in many ways, so that more than declared means nothing; fewer is also how loss looks. */
function compareCount(attributes: Attributes, tally: Tally, context: ReadContext): void {
  const declared = parseCount(attributes['tests']);
  const missing = declared - tally.present;
  if (missing <= tally.missing) return;
  tally.missing = missing;
  const name = keepName(attributes['name'], context) ?? 'the file';
  context.problems.add(`${name} declares ${declared} tests, but has only ${tally.present}`);
}
