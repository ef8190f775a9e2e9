/**
 * `junit.xml` of the whole run when it has ended, and one `cells/<cell>/junit.xml` as soon as each cell has: an
 * interrupted run keeps what it found out, and viewers with a limit per file can be fed one by one.
 */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { extname, join, relative, resolve } from 'node:path';
import type { CellResult, RunResult } from '../src/results/model.ts';
import { type JUnitOptions, junitDocument, junitDocuments } from './junit/document.ts';
import type { CreateReporter } from './reporter.ts';
import { activeTime } from './text/words.ts';
import { writeReport } from './write-report.ts';

export const createReporter: CreateReporter = ({
  output,
  path = join(output, 'junit.xml'),
  cwd,
  junit: settings = {},
}) => {
  const attachment = (file: string): string => fromProject(join(output, file), cwd ?? process.cwd());
  let writing = Promise.resolve();
  let failure: unknown;
  let result: RunResult | undefined;

  const optionsOf = (duration: number): JUnitOptions => ({ ...settings, duration, attachment });
  // A folder that somebody else chose may hold files of that name that are not ours.
  const tidy = async (file: string, count: number): Promise<void> => {
    if (!relative(output, file).startsWith('..')) await removeFrom(file, count + 1);
  };
  const writeCell = async (cell: CellResult): Promise<void> => {
    const file = join(output, 'cells', cell.slug, 'junit.xml');
    await tidy(file, await writeFiles(file, [cell], optionsOf(activeTime(cell))));
  };

  return {
    onEvent(event) {
      if (event.type === 'run:end') result = event.result;
      if (event.type !== 'cell:end') return;
      writing = writing
        .then(() => writeCell(event.result))
        .catch((error: unknown) => {
          failure ??= error;
        });
    },
    async finish() {
      await writing;
      // The whole is worth writing even when a part could not be.
      if (result) await tidy(path, await writeFiles(path, result.cells, optionsOf(wallTime(result))));
      if (failure) throw failure;
    },
  };
};

/** `junit.xml`, and where a limit is set as many of `junit-2.xml`, … as it takes. Answers with how many there are. */
async function writeFiles(
  path: string,
  cells: readonly CellResult[],
  options: JUnitOptions,
): Promise<number> {
  const { maxCases, maxBytes } = options;
  if (maxCases === undefined && maxBytes === undefined) {
    await writeReport(path, junitDocument(cells, options));
    return 1;
  }
  let count = 0;
  for (const document of junitDocuments(cells, options)) {
    count += 1;
    await writeReport(nthPath(path, count), document);
  }
  return count;
}

/** Parts of an earlier report that had more of them, which a glob of CI would find. */
async function removeFrom(path: string, nth: number): Promise<void> {
  for (let next = nth; existsSync(nthPath(path, next)); next++) await rm(nthPath(path, next));
}

function nthPath(path: string, nth: number): string {
  const ending = extname(path);
  return nth === 1 ? path : `${path.slice(0, path.length - ending.length)}-${nth}${ending}`;
}

/** Viewers resolve against the project, in whose folder CI starts vmtest. What lies elsewhere stays absolute. */
function fromProject(file: string, cwd: string): string {
  const path = relative(cwd, file);
  return (path.startsWith('..') ? resolve(file) : path).replaceAll('\\', '/');
}

function wallTime({ run }: RunResult): number {
  return Date.parse(run.finished) - Date.parse(run.started);
}
