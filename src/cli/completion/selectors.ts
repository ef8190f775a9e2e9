/** Selectors that fit the cells of a matrix file: targets, cells, `axis=value`. */
import { engineSchemas } from '../../../drivers/registry.ts';
import { openMatrix } from '../../run/open-matrix.ts';
import type { Candidate } from './candidates.ts';

/** A file with problems, or none at all, has no cells: completion says nothing about it, `validate` does. */
export async function selectorsOf(file: string | undefined): Promise<Candidate[]> {
  try {
    const { cells } = await openMatrix(file === undefined ? {} : { file }, engineSchemas());
    const ids = cells.map(({ id }) => ({ text: id, description: 'cell' }));
    const targets = cells.map(({ target }) => ({ text: target, description: 'target' }));
    const values = cells.flatMap((cell) =>
      Object.entries(cell.values).map(([axis, value]) => ({ text: `${axis}=${value}`, description: 'axis' })),
    );
    return unique([...targets, ...values, ...ids]);
  } catch {
    return [];
  }
}

/** A target without axes is its own cell. */
function unique(all: readonly Candidate[]): Candidate[] {
  return [...new Map(all.map((each) => [each.text, each])).values()];
}
