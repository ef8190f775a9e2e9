/** XML of xUnit.net v2 and v3 (`assemblies`), and of v1, which has classes where they have collections. */
import { BoundedText } from '../../bounded-text.ts';
import { keepName } from '../../keep-text.ts';
import type { TestSuite } from '../../model.ts';
import type { ReadContext } from '../../parsed-results.ts';
import { withoutUndefined } from '../../without-undefined.ts';
import { type Attributes, readXml, type StopReading, type XmlElement } from '../../xml-stream.ts';
import type { DialectReader } from '../dialect.ts';
import { keepFailure } from '../failure.ts';
import { takeRoom } from '../room.ts';
import { fileName, parseCount, parseSeconds, parseTimestamp } from '../values.ts';
import { FailureTexts, group, xmlOptions } from '../xml-parts.ts';
import { caseElement } from './case.ts';

export const readXUnit: DialectReader = async (text, context) => {
  const suites: TestSuite[] = [];
  const complete = await readXml(
    text,
    (stop) => {
      const assembly = (attributes: Attributes): XmlElement | undefined =>
        assemblyElement(attributes, context, stop, suites);
      return group({ assemblies: () => group({ assembly }), assembly });
    },
    xmlOptions(context),
  );
  return { suites: suites.filter(({ cases }) => cases.length > 0), complete };
};

function assemblyElement(
  attributes: Attributes,
  context: ReadContext,
  stop: StopReading,
  suites: TestSuite[],
): XmlElement | undefined {
  const full = takeRoom(context, 'suites');
  if (full) {
    stop(full);
    return undefined;
  }
  const { problems } = context;
  const suite: TestSuite = withoutUndefined({
    name: keepName(fileName(attributes['name']), context) ?? 'tests',
    timestamp: parseTimestamp(startOf(attributes)),
    duration: parseSeconds(attributes['time'], problems),
    cases: [],
  });
  suites.push(suite);
  let present = 0;
  const hasRoom = (): boolean => {
    const noRoom = takeRoom(context, 'cases');
    if (noRoom) stop(noRoom);
    return noRoom === undefined;
  };
  const test = (testAttributes: Attributes): XmlElement | undefined => {
    if (!hasRoom()) return undefined;
    present += 1;
    return caseElement(testAttributes, context, (testCase) => suite.cases.push(testCase));
  };
  const tests = (): XmlElement => group({ test });
  return group(
    {
      collection: tests,
      class: tests,
      errors: () =>
        group({ error: (error) => (hasRoom() ? errorElement(error, suite, context) : undefined) }),
    },
    () => {
      const declared = parseCount(attributes['total']);
      if (declared > present) {
        problems.add(`${suite.name} declares ${declared} tests, but has only ${present}`);
      }
    },
  );
}

/** Something that broke beside the tests: a fixture, a constructor, a clean-up. `errors` may be there and empty. */
function errorElement(attributes: Attributes, suite: TestSuite, context: ReadContext): XmlElement {
  const texts = new FailureTexts(context);
  const plain = new BoundedText(context.limits.details);
  let exception: string | undefined;
  return {
    text: (piece) => plain.append(piece),
    child: (name, failure) => {
      if (name !== 'failure') return undefined;
      exception = failure['exception-type'];
      return texts.element();
    },
    close: () => {
      const parts = texts.parts();
      const details = texts.stack.length > 0 ? texts.stack : plain;
      const type = exception ?? attributes['type'];
      suite.cases.push({
        name: keepName(`(${attributes['type'] ?? 'error'})`, context) ?? '(error)',
        status: 'error',
        failures: [keepFailure({ ...parts, details, type }, context)],
      });
    },
  };
}

/** v3 writes `start-rtf` with a zone; the others a local date and time in two attributes. */
function startOf(attributes: Attributes): string | undefined {
  const { 'run-date': date, 'run-time': time } = attributes;
  return attributes['start-rtf'] ?? (date && time ? `${date}T${time}` : undefined);
}
