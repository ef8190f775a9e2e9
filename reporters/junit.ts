/**
 * `junit.xml` of the whole run when it has ended, and one `cells/<cell>/junit.xml` as soon as each cell has: an
 * interrupted run keeps what it found out, and viewers with a limit per file can be fed one by one.
 */
import { join, relative, resolve } from 'node:path';
import type { CellResult, RunResult } from '../src/results/model.ts';
import { junitDocument } from './junit-document.ts';
import type { CreateReporter } from './reporter.ts';
import { activeTime } from './text/words.ts';
import { writeReport } from './write-report.ts';

export const createReporter: CreateReporter = ({ output, path = join(output, 'junit.xml'), cwd }) => {
  const attachment = (file: string): string => fromProject(join(output, file), cwd ?? process.cwd());
  let writing = Promise.resolve();
  let failure: unknown;
  let result: RunResult | undefined;

  const writeCell = (cell: CellResult): Promise<void> =>
    writeReport(
      join(output, 'cells', cell.slug, 'junit.xml'),
      junitDocument([cell], { duration: activeTime(cell), attachment }),
    );

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
      if (result) {
        await writeReport(path, junitDocument(result.cells, { duration: wallTime(result), attachment }));
      }
      if (failure) throw failure;
    },
  };
};

/** Viewers resolve against the project, in whose folder CI starts vmtest. What lies elsewhere stays absolute. */
function fromProject(file: string, cwd: string): string {
  const path = relative(cwd, file);
  return (path.startsWith('..') ? resolve(file) : path).replaceAll('\\', '/');
}

function wallTime({ run }: RunResult): number {
  return Date.parse(run.finished) - Date.parse(run.started);
}
