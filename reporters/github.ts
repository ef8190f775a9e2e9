/**
 * For jobs of GitHub Actions: annotations on the standard output, and the job summary in the file that the runner names.
 * All that is printed while the run goes on stands between fences, so that no guest gives the runner commands; the
 * reporter has to be the first on the list for that.
 */
import { appendFile, mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { VmtestError } from '../src/host/errors.ts';
import type { RunResult } from '../src/results/model.ts';
import { annotationsOf } from './github/annotations.ts';
import { annotationCommand, newFence } from './github/commands.ts';
import { summaryMarkdown } from './github/summary.ts';
import type { CreateReporter } from './reporter.ts';

/** A step's summary above 1 MiB is dropped (docs.github.com, workflow commands); a little is left to others. */
const SUMMARY_BYTES = 1_000_000;

export const createReporter: CreateReporter = ({ path = process.env['GITHUB_STEP_SUMMARY'], stdout }) => {
  const fence = newFence();
  let fenced = false;
  let result: RunResult | undefined;
  return {
    onEvent(event) {
      if (event.type === 'run:start') {
        fenced = true;
        stdout.write(`${fence.open}\n`);
      }
      if (event.type === 'run:end') result = event.result;
    },
    async finish() {
      const annotations = result ? annotationsOf(result).map(annotationCommand) : [];
      const lines = [...(fenced ? [fence.close] : []), ...annotations];
      await new Promise<void>((resolve) =>
        stdout.write(lines.map((line) => `${line}\n`).join(''), () => resolve()),
      );
      if (result && path) await addSummary(path, result);
    },
  };
};

async function addSummary(path: string, result: RunResult): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    // Other commands of the same step may have written before.
    const used = await stat(path).then(
      ({ size }) => size,
      () => 0,
    );
    await appendFile(path, summaryMarkdown(result, SUMMARY_BYTES - used));
  } catch (error) {
    throw new VmtestError('REPORT_NOT_WRITTEN', `the job summary could not be written to ${path}`, {
      hint: 'Look at the free space and the rights of that file.',
      cause: error,
    });
  }
}
