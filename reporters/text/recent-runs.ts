/** What earlier runs say of a failure: whether it may be chance. */
import type { CellResult, RecentTest } from '../../src/results/model.ts';
import { plural } from './words.ts';

/** Told of a cell that went either way in its last runs: what it says this time may be chance. */
export function unsteadyInWords({ recent }: Pick<CellResult, 'recent'>): string | undefined {
  if (!recent) return undefined;
  const { runs, passed, flaky, failed, error } = recent;
  const isUnsteady = flaky > 0 || (passed > 0 && failed + error > 0);
  if (!isUnsteady) return undefined;
  const parts = Object.entries({ passed, flaky, failed, 'with errors': error });
  const told = parts.filter(([, count]) => count > 0).map(([what, count]) => `${count} ${what}`);
  return `unsteady: of ${plural(runs, 'run')} before ${told.join(', ')}`;
}

/**
 * `failed in 3 of the 20 runs before, flaky in 1`. Empty for nothing.
 * @param cells how many cells these runs are of, all counted.
 */
export function recentInWords(recent: RecentTest | undefined, cells = 1): string {
  if (!recent) return '';
  const { runs, failed, flaky } = recent;
  const [first, second] = [
    failed > 0 ? `failed in ${failed}` : '',
    flaky > 0 ? `flaky in ${flaky}` : '',
  ].filter((part) => part !== '');
  if (first === undefined) return '';
  const whose = cells > 1 ? ' of these cells' : '';
  return `${first} of the ${plural(runs, 'run')}${whose} before${second === undefined ? '' : `, ${second}`}`;
}
