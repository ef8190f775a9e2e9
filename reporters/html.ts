/** `report.html`: the run as one page that needs nothing else, for people. Written when the run has ended. */
import { join } from 'node:path';
import type { RunResult } from '../src/results/model.ts';
import { loadAssets, pageDocument } from './html/document.ts';
import { linksFrom } from './html/links.ts';
import { pageElements } from './html/page.ts';
import { Preparations } from './html/preparations.ts';
import { OutputFiles } from './html/read-ends.ts';
import { shownLine } from './html/shown-text.ts';
import type { CreateReporter } from './reporter.ts';
import { writeReport } from './write-report.ts';

export const createReporter: CreateReporter = ({ output, path = join(output, 'report.html') }) => {
  const preparations = new Preparations();
  let result: RunResult | undefined;
  return {
    onEvent(event) {
      preparations.onEvent(event);
      if (event.type === 'run:end') result = event.result;
    },
    async finish() {
      if (!result) return;
      const assets = await loadAssets();
      const elements = await pageElements(result, {
        files: new OutputFiles(output),
        linkTo: linksFrom(path, output),
        prepared: preparations.done,
      });
      await writeReport(path, pageDocument(titleOf(result), assets, elements));
    },
  };
};

function titleOf({ run: { outcome, matrix = 'vmtest', shard } }: RunResult): string {
  return `${outcome}: ${shownLine(matrix, 200)}${shard === undefined ? '' : ` (shard ${shard})`}`;
}
