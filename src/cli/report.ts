import { realpath } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { engineSchemas } from '../../drivers/registry.ts';
import { VmtestError } from '../host/errors.ts';
import type { Host, Unlock } from '../host/host.ts';
import type { NamedFile } from '../report/read-inputs.ts';
import { bringTogether, type Gathered, gather, retell } from '../report/report.ts';
import type { CellInfo, ErrorInfo } from '../results/model.ts';
import { openMatrix } from '../run/open-matrix.ts';
import { claimOutputFolder, shareOutputFolder } from '../run/output-folder.ts';
import { newRunInfo } from '../run/run-info.ts';
import { EXIT } from './exit-codes.ts';
import { cliHost } from './host.ts';
import { type JUnitFlags, junitSettings } from './junit-options.ts';
import { formatError } from './print-error.ts';
import { createReporters, usualReporters } from './reporters.ts';

export interface ReportCommandOptions extends JUnitFlags {
  paths: string[];
  cell: string[];
  baseline?: string;
  expect?: string;
  reporter: string[];
  output?: string;
  verbose?: boolean;
  color?: boolean;
}

/** Where `run` writes, and so the usual input and output. */
const USUAL_FOLDER = 'vmtest-results';

export async function reportCommand(options: ReportCommandOptions): Promise<number> {
  const cells = options.cell.map(parseCell);
  const paths = options.paths.length + cells.length > 0 ? options.paths : [USUAL_FOLDER];
  const { baseline } = options;
  const expected = options.expect === undefined ? undefined : await cellsOf(options.expect);
  const inputs = { paths, cells, cwd: process.cwd() };
  const gathered = await gather(inputs, { self: newRunInfo({}), baseline, expected });
  tell(gathered);
  if (isEmpty(gathered)) return EXIT.error;
  const output = resolve(options.output ?? usualOutput(gathered, paths.length + cells.length));
  const wanted = [...gathered.folders, ...paths, ...cells.map(({ path }) => path)];
  const unlock = await openOutput(cliHost(options), output, wanted, baseline);
  try {
    const result = await bringTogether(gathered, output);
    const reporters = await createReporters(wantedReporters(options.reporter), {
      output,
      color: options.color !== false,
      junit: junitSettings(options),
    });
    for (const event of retell(result, output)) reporters.emit(event);
    const intact = (await reporters.finish()) && gathered.uncompared === undefined;
    return result.run.exitCode === EXIT.passed && !intact ? EXIT.error : result.run.exitCode;
  } finally {
    await unlock();
  }
}

/** `debian-12/node=22=build/junit.xml`: ids hold `=` themselves, so the file is what follows the last one. */
function parseCell(text: string): NamedFile {
  const at = text.lastIndexOf('=');
  const [name, path] = [text.slice(0, at), text.slice(at + 1)];
  if (at > 0 && path !== '') return { name, path };
  throw new VmtestError('USAGE', `--cell ${text} does not name a cell and a file`, {
    hint: 'Write --cell NAME=FILE, for instance --cell debian-12/node=22=reports/junit.xml.',
  });
}

async function cellsOf(file: string): Promise<CellInfo[]> {
  const { cells, targets } = await openMatrix({ file }, engineSchemas());
  return cells.map(({ id, slug, index, target, values }) => {
    const { engines = [], snapshot = '' } = targets[target] ?? {};
    return { id, slug, index, target, values, engine: engines.join('|'), snapshot };
  });
}

function tell({ complaints, notes, uncompared }: Gathered): void {
  for (const note of notes) process.stderr.write(`vmtest: ${note}\n`);
  for (const complaint of complaints) complain(complaint);
  if (uncompared) complain({ ...uncompared, message: `there is no comparison: ${uncompared.message}` });
}

function complain({ code, message, hint }: ErrorInfo): void {
  process.stderr.write(formatError(new VmtestError(code, message, hint === undefined ? {} : { hint })));
}

/** Nothing could be read: no report is better than one that only says so. */
function isEmpty({ folders, cells, complaints }: Gathered): boolean {
  return complaints.length > 0 && folders.length === 0 && !cells.some(({ files }) => files !== undefined);
}

/** A single run gets its reports anew; what comes from several places goes where a run would write. */
function usualOutput({ folders: [only = USUAL_FOLDER, ...others] }: Gathered, named: number): string {
  return named === 1 && others.length === 0 ? only : USUAL_FOLDER;
}

/** A folder that holds what is being read is not emptied first. */
async function openOutput(
  host: Host,
  output: string,
  inputs: readonly string[],
  baseline: string | undefined,
): Promise<Unlock> {
  const place = await real(output);
  const inside = async (path: string) => isInside(await real(path), place);
  if (baseline !== undefined && (await inside(resolve(baseline)))) {
    throw new VmtestError(
      'OUTPUT_IS_BASELINE',
      `the reports would be written over the baseline, ${baseline}`,
      {
        hint: 'Choose another folder with --output DIR.',
      },
    );
  }
  for (const input of new Set(inputs)) {
    if (await inside(input)) return shareOutputFolder(output, host.locks);
  }
  return claimOutputFolder(output, host.locks);
}

/** As far as it exists, for a folder may be reached by links. */
function real(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}

function isInside(path: string, folder: string): boolean {
  const below = relative(folder, path);
  return below === '' || (below !== '..' && !below.startsWith(`..${sep}`) && resolve(folder, below) === path);
}

/** Nothing goes on that a live display could show. */
function wantedReporters(named: readonly string[]): readonly string[] {
  if (named.length > 0) return named;
  return usualReporters(process.stdout, process.env).map((name) => (name === 'terminal' ? 'plain' : name));
}
