import type { CellResult } from '../../src/results/model.ts';
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
