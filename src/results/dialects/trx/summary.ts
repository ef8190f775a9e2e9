/** `ResultSummary` of a TRX file: what went wrong beside the tests, such as a test host that crashed. */
import { BoundedText } from '../../bounded-text.ts';
import type { TestCase } from '../../model.ts';
import type { ReadContext } from '../../parsed-results.ts';
import type { Attributes, XmlElement } from '../../xml-stream.ts';
import { keepFailure } from '../failure.ts';
import { group, textInto } from '../xml-parts.ts';

const FINE = new Set(['Completed', 'Passed', 'Warning', 'Inconclusive', 'NotExecuted']);

export interface SummaryEvents {
  /** Whether a test has failed so far: then a summary that says `Failed` needs no more words. */
  failing(): boolean;
  broken(testCase: TestCase): void;
  counters(attributes: Attributes): void;
}

export function summaryElement(
  attributes: Attributes,
  context: ReadContext,
  events: SummaryEvents,
): XmlElement {
  let told = 0;
  const tell = (type: string, details: BoundedText): void => {
    told += 1;
    if (told > context.limits.failures) return;
    events.broken({ name: '(run)', status: 'error', failures: [keepFailure({ type, details }, context)] });
  };
  return group(
    {
      Counters: (counters) => {
        events.counters(counters);
        return undefined;
      },
      RunInfos: () =>
        group({
          RunInfo: ({ outcome = '' }) => {
            const text = new BoundedText(context.limits.details);
            return group({ Text: () => textInto(text) }, () => {
              if (!FINE.has(outcome)) tell(outcome || 'Error', text);
            });
          },
        }),
    },
    () => {
      const outcome = attributes['outcome'] ?? 'Completed';
      if (told > 0 || FINE.has(outcome) || events.failing()) return;
      const details = new BoundedText(context.limits.message);
      details.append(`the run ended as ${outcome}, although no test failed`);
      tell(outcome, details);
    },
  );
}
