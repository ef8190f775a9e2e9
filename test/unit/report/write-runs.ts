/** Output folders of runs, written to disk as a run would. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventRecord } from '../../../reporters/events.ts';
import { resultsJson } from '../../../reporters/json.ts';
import type { RunEvent } from '../../../src/results/events.ts';
import type { RunInfo, RunResult } from '../../../src/results/model.ts';
import { cellInfo, cellStory, failing, passing, RUN, runStory, suite, tested } from '../reporters/script.ts';

/** A run of cells that pass, but for those whose id is marked with `!`. */
export function resultOf(ids: readonly string[], run: Partial<RunInfo> = {}): RunResult {
  const cells = ids.map((id, index) => {
    const good = !id.endsWith('!');
    const info = cellInfo(id.replace('!', ''), index);
    return cellStory(info, [tested(1, [suite('s', good ? passing('t') : failing('t', 'no'))])]);
  });
  return runStory(cells, { run }).result;
}

export async function writeRun(folder: string, result: RunResult): Promise<string> {
  for (const { slug, id } of result.cells) {
    await mkdir(join(folder, 'cells', slug), { recursive: true });
    await writeFile(join(folder, 'cells', slug, 'output.log'), `said by ${id}\n`);
  }
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'results.json'), [...resultsJson(result)].join(''));
  return folder;
}

/** A second for each event. */
export async function writeEvents(folder: string, events: readonly RunEvent[], more = ''): Promise<string> {
  await mkdir(folder, { recursive: true });
  const start = Date.parse(RUN.started);
  const lines = events.map(
    (event, at) => `${JSON.stringify(eventRecord(event, new Date(start + at * 1000)))}\n`,
  );
  await writeFile(join(folder, 'events.ndjson'), lines.join('') + more);
  return folder;
}
