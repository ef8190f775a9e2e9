/** The command that runs some cells again, to be copied from a log. */
import { showArgv } from '../../src/host/exec.ts';
import { type CellInfo, ELSEWHERE } from '../../src/results/model.ts';

/** A longer list of ids is no help to anybody. */
const LONGEST = 200;

/**
 * @param some Those to run again.
 * @param all Those of the run: an id that stands for others too cannot be used as a selector.
 * @param matrix The matrix file, when it is known.
 * @returns undefined when vmtest ran none of them.
 */
export function rerunCommand(
  some: readonly CellInfo[],
  all: readonly CellInfo[],
  matrix: string | undefined,
): string | undefined {
  const cells = some.filter(({ engine }) => engine !== ELSEWHERE);
  if (cells.length === 0) return undefined;
  const start = ['vmtest', 'run', ...(matrix === undefined ? [] : [matrix])];
  const ids = selectableIds(cells, all);
  const exact = ids && showArgv([...start, ...ids]);
  return exact && exact.length <= LONGEST ? exact : showArgv([...start, '--last-failed']);
}

/** Copies made by `--repeat` have the index of their original, which comes first, and are run by its id. */
function selectableIds(cells: readonly CellInfo[], all: readonly CellInfo[]): string[] | undefined {
  const originals = new Map<number, string>();
  for (const { index, id } of all) if (!originals.has(index)) originals.set(index, id);
  const ids = [...new Set(cells.map(({ index, id }) => originals.get(index) ?? id))];
  const exact = ids.every(
    (id) =>
      !/[*?[\]{}()!\\]/.test(id) && ![...originals.values()].some((other) => other.startsWith(`${id}/`)),
  );
  return exact ? ids : undefined;
}
