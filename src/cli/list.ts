import { engineSchemas } from '../../drivers/registry.ts';
import type { Cell, Matrix } from '../../matrix/model.ts';
import { createHost } from '../host/create-host.ts';
import { openMatrix } from '../run/open-matrix.ts';
import { selectCells } from '../run/selection.ts';
import { EXIT } from './exit-codes.ts';
import { splitFile } from './file-or-selector.ts';
import { table } from './table.ts';

/** docs.github.com, workflow syntax, `jobs.<job_id>.strategy.matrix`. */
const GITHUB_JOBS = 256;

export interface ListOptions {
  file?: string;
  selectors: string[];
  shard?: string;
  lastFailed?: boolean;
  json?: boolean;
  github?: boolean;
}

export async function listCommand(options: ListOptions): Promise<number> {
  const split = splitFile(options.file, options.selectors);
  const matrix = await openMatrix(split, engineSchemas());
  const cells = await selectCells(createHost(), matrix, { ...options, selectors: split.selectors });
  if (options.github && cells.length > GITHUB_JOBS) {
    process.stderr.write(
      `vmtest: GitHub takes ${GITHUB_JOBS} jobs of a matrix at most, and there are ${cells.length} cells: select some, or use --shard\n`,
    );
  }
  process.stdout.write(`${render(matrix, cells, options)}\n`);
  return EXIT.passed;
}

function render(matrix: Matrix, cells: readonly Cell[], options: ListOptions): string {
  const rows = cells.map((cell) => describe(matrix, cell));
  if (options.json) return JSON.stringify({ cells: rows }, null, 2);
  if (options.github) {
    // One job a cell: its runner calls `vmtest run FILE "${{ matrix.cell }}"`.
    return JSON.stringify({
      include: rows.map(({ id, values, ...rest }) => ({ ...values, cell: id, ...rest })),
    });
  }
  const axes = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))];
  return table(
    ['cell', 'target', ...axes, 'engine', 'snapshot'],
    rows.map(({ id, target, values, engine, snapshot }) => [
      id,
      target,
      ...axes.map((axis) => values[axis] ?? '-'),
      engine,
      snapshot,
    ]),
  );
}

interface ListedCell {
  id: string;
  target: string;
  /** Several, joined by `|`, when the file leaves the choice to the host. */
  engine: string;
  snapshot: string;
  values: Record<string, string>;
}

function describe(matrix: Matrix, cell: Cell): ListedCell {
  const target = matrix.targets[cell.target];
  return {
    id: cell.id,
    target: cell.target,
    engine: target?.engines.join('|') ?? '',
    snapshot: target?.snapshot ?? '',
    values: cell.values,
  };
}
