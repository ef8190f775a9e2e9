/**
 * TRX, the format of Visual Studio and `dotnet test --logger trx` (namespace TeamTest/2010). Results name their tests
 * by id; class and assembly stand in the definitions, which come after them and may be missing.
 */
import { keepName } from '../../keep-text.ts';
import type { TestCase, TestSuite } from '../../model.ts';
import { detach } from '../../own-lines.ts';
import type { ReadContext } from '../../parsed-results.ts';
import { type Attributes, readXml, type XmlElement } from '../../xml-stream.ts';
import type { DialectReader } from '../dialect.ts';
import { takeRoom } from '../room.ts';
import { fileName, parseCount, parseTimestamp } from '../values.ts';
import { group, xmlOptions } from '../xml-parts.ts';
import { isFailing, resultElement } from './result.ts';
import { summaryElement } from './summary.ts';

interface Definition {
  classname: string | undefined;
  assembly: string | undefined;
}

export const readTrx: DialectReader = async (text, context) => {
  const results: { testId: string; testCase: TestCase }[] = [];
  const definitions = new Map<string, Definition>();
  const broken: TestCase[] = [];
  let started: string | undefined;
  let seen = 0;

  const complete = await readXml(
    text,
    (stop) => {
      const take = (): boolean => {
        const full = takeRoom(context, 'cases');
        if (full) stop(full);
        else seen += 1;
        return full === undefined;
      };
      const result = (attributes: Attributes): XmlElement | undefined => {
        const testId = detach(attributes['testId']?.slice(0, 64) ?? '');
        return resultElement(attributes, context, {
          take,
          done: (testCase) => results.push({ testId, testCase }),
        });
      };
      const definition = (attributes: Attributes): XmlElement | undefined => {
        if (definitions.size >= context.limits.cases) return undefined;
        const id = detach(attributes['id']?.slice(0, 64) ?? '');
        return group({
          TestMethod: (method) => {
            definitions.set(id, readDefinition(attributes, method, context));
            return undefined;
          },
        });
      };
      const run = group({
        Times: (attributes) => {
          started = parseTimestamp(attributes['start']);
          return undefined;
        },
        Results: () => ({ child: (name, attributes) => (isResult(name) ? result(attributes) : undefined) }),
        TestDefinitions: () => group({ UnitTest: definition }),
        ResultSummary: (attributes) =>
          summaryElement(attributes, context, {
            failing: () => results.some(({ testCase }) => isFailing(testCase)),
            broken: (testCase) => {
              const full = takeRoom(context, 'cases');
              if (full) stop(full);
              else broken.push(testCase);
            },
            counters: (counters) => compare(parseCount(counters['total']), seen, context),
          }),
      });
      return group({ TestRun: () => run });
    },
    xmlOptions(context),
  );

  const suites = new Map<string, TestSuite>();
  for (const { testId, testCase } of results) {
    const { classname, assembly = 'tests' } = definitions.get(testId) ?? {};
    const timestamp = started === undefined ? {} : { timestamp: started };
    const suite = suites.get(assembly) ?? { name: assembly, ...timestamp, cases: [] };
    suites.set(assembly, suite);
    suite.cases.push(classname === undefined ? testCase : inClass(testCase, classname));
  }
  const run = broken.length > 0 ? [{ name: 'run', cases: broken }] : [];
  return { suites: [...suites.values(), ...run], complete };
};

/** `UnitTestResult`; ordered, manual, generic and other tests have elements of their own. */
function isResult(name: string): boolean {
  return /^(?:\w*TestResult|TestResultAggregation)$/.test(name);
}

function readDefinition(test: Attributes, method: Attributes, context: ReadContext): Definition {
  // `Namespace.Class, Assembly, Version=…` in files of old versions.
  const [classname] = (method['className'] ?? '').slice(0, 4096).split(',');
  return {
    classname: keepName(classname, context),
    // `storage` is in lower case.
    assembly: keepName(fileName(method['codeBase'] ?? test['storage']), context),
  };
}

/** xUnit.net and NUnit name their tests with the class in front. */
function inClass(testCase: TestCase, classname: string): TestCase {
  const { name } = testCase;
  const short = name.startsWith(`${classname}.`) ? name.slice(classname.length + 1) : name;
  return { ...testCase, name: short || name, classname };
}

function compare(declared: number, seen: number, context: ReadContext): void {
  if (declared > seen) context.problems.add(`the file declares ${declared} tests, but has only ${seen}`);
}
