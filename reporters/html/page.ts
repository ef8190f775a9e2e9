/** From the result of a run to the elements that hold the data of its page. */
import type { CellResult, RunResult } from '../../src/results/model.ts';
import { rerunCommand } from '../text/rerun-command.ts';
import { plural } from '../text/words.ts';
import { briefDetail, cellData } from './cell-data.ts';
import { chooseCells, mostUrgentFirst } from './choose-cells.ts';
import { chunkElement, jsonElement } from './embed.ts';
import { indexData } from './index-data.ts';
import { LIMITS } from './limits.ts';
import type { LinkTo } from './links.ts';
import type { Preparation } from './page-data.ts';
import type { OutputFiles } from './read-ends.ts';
import { testTable } from './test-table.ts';

export interface PageSources {
  files: OutputFiles;
  linkTo: LinkTo;
  prepared: readonly Preparation[];
}

/** Looking for a cell's selector takes longer the more cells there are. */
const RERUN_COMMANDS = 2_000;

/** In memory as a whole: it is bounded by `LIMITS`, and files are read meanwhile. */
export async function pageElements(result: RunResult, sources: PageSources): Promise<string[]> {
  const cells = chooseCells(result.cells, LIMITS.cells);
  const caps: string[] = [];
  if (cells.length < result.cells.length) {
    caps.push(
      `${(result.cells.length - cells.length).toLocaleString('en')} of ${plural(result.cells.length, 'cell')} are not shown.`,
    );
  }
  const details = await detailElements(result, cells, sources);
  if (details.brief > 0) {
    caps.push(
      `The tests and logs of ${plural(details.brief, 'cell')} are not in this page, only in its folder.`,
    );
  }
  return [
    jsonElement('index', { ...indexData(result, cells, sources.prepared), caps }),
    chunkElement('tests', testTable(cells)),
    ...details.elements,
  ];
}

async function detailElements(
  { cells: all, run }: RunResult,
  cells: readonly CellResult[],
  sources: PageSources,
): Promise<{ elements: string[]; brief: number }> {
  const places = new Map(cells.map((cell, place) => [cell, place]));
  const elements: string[] = [];
  let room: number = LIMITS.details;
  let brief = 0;
  for (const cell of mostUrgentFirst(cells)) {
    const rerun = all.length > RERUN_COMMANDS ? '' : (rerunCommand([cell], all, run.matrix) ?? '');
    const id = `cell-${places.get(cell)}`;
    let element = room > 0 ? chunkElement(id, await cellData(cell, { ...sources, rerun })) : '';
    if (element === '' || element.length > room) {
      brief += 1;
      const detail = briefDetail(cell, { ...sources, rerun });
      detail.caps.push('There was no more room for the tests and logs of this cell: see its files.');
      element = chunkElement(id, detail);
    }
    room -= element.length;
    elements.push(element);
  }
  return { elements, brief };
}
