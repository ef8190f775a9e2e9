/** The page of one cell: what its result says, and what its files hold. */
import type { CellResult, ErrorInfo } from '../../src/results/model.ts';
import { unsteadyInWords } from '../text/recent-runs.ts';
import { cellTests } from './case-data.ts';
import { LIMITS } from './limits.ts';
import type { LinkTo } from './links.ts';
import type { AttemptDetail, CellDetail, PageFile, PageText } from './page-data.ts';
import type { OutputFiles } from './read-ends.ts';
import { shownLine, shownText } from './shown-text.ts';

export interface CellSources {
  files: OutputFiles;
  linkTo: LinkTo;
  /** The command that runs the cell again; empty when nobody knows it. */
  rerun: string;
}

export async function cellData(cell: CellResult, sources: CellSources): Promise<CellDetail> {
  const { suites, leftOut } = cellTests(cell);
  const screen = cell.files.screen;
  const picture = screen === undefined ? undefined : await sources.files.png(screen, LIMITS.screen);
  const logs = await readLogs(cell, sources);
  return {
    ...briefDetail(cell, sources),
    suites,
    testsLeftOut: leftOut,
    logs,
    ...(picture === undefined ? {} : { screen: picture }),
    files: fileLinks(cell, sources.linkTo),
  };
}

/** What there is always room for. */
export function briefDetail(
  cell: CellResult,
  { rerun, linkTo }: Pick<CellSources, 'rerun' | 'linkTo'>,
): CellDetail {
  return {
    ...(cell.error ? { error: errorDetail(cell.error) } : {}),
    notes: notesOf([unsteadyInWords(cell) ?? [], cell.notes].flat()),
    rerun: shownLine(rerun, LIMITS.message),
    attempts: cell.attempts.map(attemptDetail),
    suites: [],
    testsLeftOut: cell.tests.total,
    logs: [],
    files: fileLinks(cell, linkTo),
    caps: [],
  };
}

function attemptDetail({ error, exitCode, signal, notes }: CellResult['attempts'][number]): AttemptDetail {
  return {
    ...(error ? { error: errorDetail(error) } : {}),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(signal === undefined ? {} : { signal: shownLine(signal, LIMITS.name) }),
    notes: notesOf(notes),
  };
}

function errorDetail({ code, message, hint, details }: ErrorInfo): ErrorInfo {
  return {
    code: shownLine(code, LIMITS.name),
    message: shownText(message, LIMITS.message),
    ...(hint ? { hint: shownText(hint, LIMITS.message) } : {}),
    ...(details ? { details: shownText(details, LIMITS.failureText) } : {}),
  };
}

function notesOf(notes: readonly string[]): string[] {
  return notes.slice(0, 100).map((note) => shownLine(note, LIMITS.message));
}

/** The output of the last attempt, those of earlier ones beside it, the console, the engine's commands, and artifacts that are text. */
async function readLogs(cell: CellResult, { files, linkTo }: CellSources): Promise<PageText[]> {
  const wanted = cell.outcome === 'passed' ? LIMITS.logOfPassed : LIMITS.log;
  const read = async (
    name: string,
    path: string | undefined,
    limit: number,
    isPrinted = true,
  ): Promise<PageText[]> => {
    const ends = path === undefined ? undefined : await files.ends(path, limit, isPrinted);
    if (path === undefined || !ends || ends.size === 0) return [];
    const href = linkTo(path);
    return [
      { ...ends, name: shownLine(name, LIMITS.name), text: shownText(ends.text), ...(href ? { href } : {}) },
    ];
  };
  const { output, console, engine, artifacts = [] } = cell.files;
  const earlier = cell.attempts.slice(0, -1).map(({ number }) => number);
  const small =
    cell.outcome === 'passed' ? [] : artifacts.filter((path) => !/\.(?:png|zip|gz|xz)$/.test(path));
  const texts = [
    read('output', output, wanted),
    ...earlier.map((number) =>
      read(
        `output of attempt ${number}`,
        `cells/${cell.slug}/attempt-${number}/output.log`,
        LIMITS.logOfPassed,
      ),
    ),
    read('console', console, wanted),
    read('engine commands', cell.outcome === 'passed' ? undefined : engine, wanted),
    ...small.slice(0, LIMITS.artifacts).map((path) => read(shortName(path), path, LIMITS.artifact, false)),
  ];
  return (await Promise.all(texts)).flat();
}

function fileLinks({ files }: CellResult, linkTo: LinkTo): PageFile[] {
  const { output, console, screen, engine, results = [], artifacts = [] } = files;
  return [output, console, screen, engine, ...results, ...artifacts]
    .slice(0, LIMITS.links)
    .flatMap((path) => {
      const href = path === undefined ? undefined : linkTo(path);
      return path === undefined || href === undefined
        ? []
        : [{ name: shownLine(shortName(path), LIMITS.name), href }];
    });
}

/** Without the folder of the cell. */
function shortName(path: string): string {
  return path.replace(/^cells\/[^/]+\//, '');
}
