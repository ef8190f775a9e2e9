/** Cells that stand for what should have been there and is not: in error, so that every report shows them. */
import { slugs } from '../../matrix/cell-id.ts';
import { unstartedCell } from '../results/cell-result.ts';
import { type CellInfo, type CellResult, ELSEWHERE, type ErrorInfo } from '../results/model.ts';
import type { Gap } from './source.ts';

const GAP_TARGET = 'vmtest-report';

export function gapCell({ values, error }: Gap, index: number): CellResult {
  const id = [GAP_TARGET, ...Object.entries(values).map(([key, value]) => `${key}=${value}`)].join('/');
  const [slug = ''] = slugs([id]);
  const cell: CellInfo = { id, slug, index, target: GAP_TARGET, values, engine: ELSEWHERE, snapshot: '' };
  return unstartedCell(
    { cell, allowedToFail: false, files: {} },
    { outcome: 'error', phase: 'collect', error },
  );
}

/** Whether a cell of a merged report stands for missing shards; they are looked for anew wherever the shard is known. */
export function isShardGap({ target, values }: CellInfo): boolean {
  return target === GAP_TARGET && values['shards'] !== undefined;
}

const MISSING = { code: 'CELL_MISSING', hint: 'Did its job end before it could hand over its results?' };
const NAMED = 10;

export function missingCell(cell: CellInfo): CellResult {
  const error = { ...MISSING, message: 'none of the inputs has results of this cell' };
  return unstartedCell(
    { cell, allowedToFail: false, files: {} },
    { outcome: 'error', phase: 'collect', error },
  );
}

export function complaintAbout(absent: readonly CellInfo[]): ErrorInfo[] {
  if (absent.length === 0) return [];
  const named = absent.slice(0, NAMED).map(({ id }) => id);
  const more = absent.length > NAMED ? ` and ${absent.length - NAMED} more` : '';
  const subject = absent.length === 1 ? 'a cell is' : `${absent.length} cells are`;
  return [{ ...MISSING, message: `${subject} missing: ${named.join(', ')}${more}` }];
}
