/** `results.json`: the run's result as it is, one line a cell. Its shape is `schema/results.schema.json`. */
import { join } from 'node:path';
import type { RunResult } from '../src/results/model.ts';
import type { CreateReporter } from './reporter.ts';
import { writeReport } from './write-report.ts';

export const createReporter: CreateReporter = ({ output, path = join(output, 'results.json') }) => {
  let result: RunResult | undefined;
  return {
    onEvent(event) {
      if (event.type === 'run:end') result = event.result;
    },
    async finish() {
      if (result) await writeReport(path, resultsJson(result));
    },
  };
};

/** The cells come last, one a line: `vmtest report` reads them one by one. */
export function* resultsJson({ cells, ...rest }: RunResult): Generator<string> {
  const head = JSON.stringify(rest);
  yield `${head.slice(0, -1)},"cells":[`;
  let separator = '\n';
  for (const cell of cells) {
    yield separator + JSON.stringify(cell);
    separator = ',\n';
  }
  yield '\n]}\n';
}
