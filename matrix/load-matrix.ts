// biome-ignore-all lint/suspicious/noTemplateCurlyInString: look-ups of the matrix file, not of this one
/**
 * The entry: a matrix file's text → the matrix, or everything that is wrong with it. Reads and writes nothing.
 *
 * Steps: `load` (YAML) → `file-lookups` (`vars` and `env`) → `sections` (schema) → `targets` (schemas of the engines,
 * defaults) → `axes`, `expand` and `cells`. A step looks at what earlier ones left sound, so that one look at the file
 * finds as much as there is to find.
 */
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { readAxes } from './axes.ts';
import { buildCells, cellNames, type NamedCell, nameCells, sizeIssues, targetNames } from './cells.ts';
import type { EngineSchemas } from './engine-schema.ts';
import { type Axes, type Combination, expand, TooLarge } from './expand.ts';
import { asRecord, type Filled, fillLookups } from './file-lookups.ts';
import type { PathBase } from './host-path.ts';
import { loadDocument } from './load.ts';
import type { Limits, Matrix, PhaseTimeouts, Problem } from './model.ts';
import { inFileOrder } from './problems.ts';
import { Report } from './report.ts';
import { PHASE_DEFAULTS } from './schema/parts.ts';
import type { Issue } from './schema-check.ts';
import { Secrets } from './secrets.ts';
import { type CompleteFile, checkSections, limitIssues } from './sections.ts';
import { type CheckedTarget, checkTarget, toTarget, toTimeouts } from './targets.ts';
import { checkTest } from './test-lookups.ts';
import { parseBytes } from './units.ts';

export interface LoadOptions {
  /** The file's name for messages. */
  file: string;
  /** Where it lies: its folder is the base of relative paths. Default: `file`, from the process's working folder. */
  path?: string;
  /** The schemas of the engines that targets may name. */
  engines: EngineSchemas;
  /** For `${{ env.X }}`. Default: the environment of this process. */
  env?: Readonly<Record<string, string | undefined>>;
  /** For `~` in paths. Default: the home of this user. */
  home?: string;
}

export type LoadResult =
  | { matrix: Matrix; problems?: undefined }
  | { problems: Problem[]; matrix?: undefined };

/** Never throws, whatever the text. Problems are in file order. */
export function loadMatrix(text: string, options: LoadOptions): LoadResult {
  const loaded = loadDocument(text, options.file);
  if (loaded.problems) return { problems: inFileOrder(loaded.problems) };
  const env = options.env ?? process.env;
  const path = resolve(options.path ?? options.file);
  const work: Work = {
    file: path,
    engines: options.engines,
    base: { folder: dirname(path), home: options.home ?? homedir() },
    secrets: new Secrets(listedSecrets(loaded.document.value).map((name) => env[name])),
    report: new Report(),
  };
  const filled = fillLookups(loaded.document.value, env, work.secrets, work.report);
  const matrix = build(filled, work);
  if (matrix && work.report.isEmpty) return { matrix };
  return { problems: work.report.problems(loaded.document, (words) => work.secrets.mask(words)) };
}

interface Work {
  file: string;
  engines: EngineSchemas;
  base: PathBase;
  secrets: Secrets;
  report: Report;
}

function listedSecrets(file: Readonly<Record<string, unknown>>): string[] {
  const list = file['secrets'];
  return Array.isArray(list) ? list.filter((name) => typeof name === 'string') : [];
}

/** Undefined when something was not sound enough to get to the end. */
function build(filled: Filled, work: Work): Matrix | undefined {
  const { report, secrets, engines, base, file } = work;
  const sections = checkSections(filled, report);
  const targets = checkTargets(filled, work);
  const axes = readAxes(filled.file['matrix'], [...targets.keys()]);
  report.addUnlessKnown(...axes.issues);
  if (report.isSound(['limits'])) report.add(...limitIssues(sections.limits, Object.keys(engines)));
  const named = nameAll(axes, targets, report);

  const targetValues = mapValues(targets, ({ raw }, name) => ({ name, ...raw }));
  const known = named && cellNames(named);
  const knownTarget = report.isSound(['targets']) ? targetNames(targetValues) : undefined;
  checkTest(filled.file['test'], { matrix: known, target: knownTarget }, filled.contexts, secrets, report);
  if (named === undefined || known === undefined || knownTarget === undefined) return undefined;
  report.add(...sizeIssues(sections.test, named.length));
  if (!report.isEmpty) return undefined;

  const built = mapValues(targets, ({ raw }, name) => toTarget(name, raw, engines, base));
  const issues: Issue[] = [];
  const cells = buildCells(
    named,
    {
      test: sections.test,
      targets: built,
      targetValues,
      known: { matrix: known, target: knownTarget },
      timeouts: fileTimeouts(sections),
      base,
      contexts: filled.contexts,
    },
    issues,
    (path, { text, lookedUp }) => secrets.saw(path, text, lookedUp),
  );
  report.add(...issues);
  return {
    file,
    folder: base.folder,
    targets: built,
    axes: [...axes.axes.keys()].filter((axis) => axis !== 'target'),
    cells,
    limits: toLimits(sections.limits),
    retries: sections.retries,
    failFast: sections['fail-fast'],
    secrets: secrets.values(),
  };
}

type Targets = ReadonlyMap<string, CheckedTarget>;

function checkTargets({ file, isSoleLookup }: Filled, { engines, report }: Work): Targets {
  const written = Object.entries(asRecord(file['targets']));
  const checked = written.map(([name, target]) => {
    const result = checkTarget(name, asRecord(target), engines, isSoleLookup);
    report.addUnlessKnown(...result.issues);
    return [name, result] as const;
  });
  return new Map(checked);
}

/** The cells of the matrix by name; undefined when its section is not sound. */
function nameAll(axes: Axes, targets: Targets, report: Report): NamedCell[] | undefined {
  if (!report.isSound(['matrix']) || targets.size === 0) return undefined;
  const combinations = expandInto(axes, report);
  if (combinations === undefined) return undefined;
  const { cells, issues } = nameCells(combinations, new Set(axes.axes.keys()), [...targets.keys()]);
  report.add(...issues);
  return issues.length > 0 ? undefined : cells;
}

function expandInto(axes: Axes, report: Report): Combination[] | undefined {
  try {
    const combinations = expand(axes);
    if (combinations.length > 0) return combinations;
    report.add({ path: ['matrix', 'exclude'], at: 'key', message: '`exclude` removes every combination' });
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    report.add({ path: ['matrix'], at: 'key', message: error.message });
  }
  return undefined;
}

function fileTimeouts({ timeouts }: CompleteFile): PhaseTimeouts {
  return { ...(toTimeouts(PHASE_DEFAULTS) as PhaseTimeouts), ...toTimeouts(timeouts) };
}

function toLimits({ memory, ...others }: CompleteFile['limits']): Limits {
  return { ...others, memory: memory === 'auto' ? memory : (parseBytes(memory) as number) };
}

function mapValues<From, To>(
  map: ReadonlyMap<string, From>,
  to: (value: From, key: string) => To,
): Record<string, To> {
  return Object.fromEntries([...map].map(([key, value]) => [key, to(value, key)]));
}
