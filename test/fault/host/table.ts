/** What a campaign found, for docs/reliability.md. */
import type { TrialResult } from './trial.ts';

const ENDINGS = ['usual', 'refused', 'errors', 'killed'] as const;

export function tableOf(done: readonly { kind: string; result: TrialResult }[]): string {
  const kinds = [...new Set(done.map(({ kind }) => kind))];
  return [
    `| hardship | trials | ${ENDINGS.join(' | ')} | leaks | wrong | hangs |`,
    '|---|---|---|---|---|---|---|---|---|',
    ...kinds.map((kind) =>
      rowOf(
        kind,
        done.filter((each) => each.kind === kind).map(({ result }) => result),
      ),
    ),
  ].join('\n');
}

function rowOf(kind: string, results: readonly TrialResult[]): string {
  const count = (isOne: (result: TrialResult) => boolean) => results.filter(isOne).length;
  return `| ${[
    kind,
    results.length,
    ...ENDINGS.map((ending) => count((result) => result.ending === ending)),
    count(({ leaks }) => leaks.length > 0),
    count(({ wrong }) => wrong.length > 0),
    count(({ hung }) => hung),
  ].join(' | ')} |`;
}
