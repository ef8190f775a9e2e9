/** The `test` section, resolved for one cell. */
import { axisVariable } from './cell-id.ts';
import type { Contexts } from './contexts.ts';
import { hasLookup } from './expressions.ts';
import { absolutePath, type PathBase } from './host-path.ts';
import type { BaseTarget, Cell, GuestOs, TestSpec } from './model.ts';
import { nearest } from './nearest.ts';
import type { Path } from './place.ts';
import { type RawTest, testSchema } from './schema/test.ts';
import { type Issue, mismatch } from './schema-check.ts';
import { type OnSubstituted, substituteTree } from './substitute.ts';
import { parseTimeSpan } from './units.ts';
import { quoted } from './words.ts';

export const SHELLS = ['sh', 'bash', 'pwsh', 'powershell', 'cmd', 'python'] as const;

export interface CellScope {
  id: string;
  target: BaseTarget;
  values: Readonly<Record<string, string>>;
  contexts: Contexts;
  base: PathBase;
}

export interface ResolvedTest extends Pick<Cell, 'continueOnError'> {
  test: TestSpec;
  /** Milliseconds; `test.timeout`. */
  runTimeout: number;
  /** Milliseconds; `test.idle-timeout`. Absent: none. */
  idleTimeout?: number;
}

/** `raw` has its defaults. Issues are added to `issues`; with any, the result is not to be used. */
export function resolveTest(
  raw: RawTest,
  scope: CellScope,
  issues: Issue[],
  seen: OnSubstituted,
): ResolvedTest {
  const fill = <Value>(value: Value, ...keys: string[]): Value =>
    substituteTree(value, ['test', ...keys], scope.contexts, watching(issues, seen)) as Value;
  const command = (key: 'run' | 'setup' | 'shell') => perOs(raw[key], key, scope.target, issues, fill);
  const setup = command('setup') || undefined;
  const upload = raw.upload && fill(raw.upload, 'upload');
  const shell = command('shell') || (scope.target.os === 'windows' ? 'powershell' : 'sh');
  if (hasLookups(raw.shell)) issues.push(...shellIssues(shell, shellPath(raw.shell, scope.target.os)));
  const run = command('run');
  const texts = {
    ...(run === undefined ? {} : { run }),
    ...(upload ? { 'upload.from': upload.from, 'upload.to': upload.to } : {}),
  };
  issues.push(...emptyIssues(texts, scope.id));
  const idle = fill(raw['idle-timeout'], 'idle-timeout');
  return {
    test: {
      ...(upload ? { upload: { ...upload, from: absolutePath(upload.from, scope.base) } } : {}),
      cwd: upload?.to ?? 'vmtest',
      env: { ...fill(raw.env, 'env'), ...cellVariables(scope) },
      ...(setup === undefined ? {} : { setup }),
      run: run ?? '',
      shell,
      ...resultFiles(fill(raw.results, 'results')),
      artifacts: fill(raw.artifacts, 'artifacts').filter(Boolean),
    },
    continueOnError: asBoolean(fill(raw['continue-on-error'], 'continue-on-error'), issues),
    runTimeout: asTimeout('timeout', fill(raw.timeout, 'timeout'), issues),
    ...(idle ? { idleTimeout: asTimeout('idle-timeout', idle, issues) } : {}),
  };
}

/** Globs, and beside them which of them name a dialect. */
function resultFiles(written: RawTest['results']): Pick<TestSpec, 'results' | 'resultFormats'> {
  const entries = written.filter((entry) => (typeof entry === 'string' ? entry : entry.files) !== '');
  const named = entries.filter((entry) => typeof entry !== 'string');
  return {
    results: entries.map((entry) => (typeof entry === 'string' ? entry : entry.files)),
    ...(named.length > 0 ? { resultFormats: named } : {}),
  };
}

/** A look-up may be empty in a cell, but an empty command would pass whatever is tested. */
function emptyIssues(texts: Readonly<Record<string, string>>, cell: string): Issue[] {
  return Object.entries(texts)
    .filter(([, text]) => text.trim() === '')
    .map(([key]) => ({
      path: ['test', ...key.split('.')],
      message: `\`test.${key}\` is empty in the cell \`${cell}\``,
    }));
}

function watching(issues: Issue[], seen: OnSubstituted): OnSubstituted {
  return (path, result, written) => {
    for (const { index, message, hint } of result.faults) issues.push({ path, at: index, message, hint });
    seen(path, result, written);
  };
}

type PerOs = RawTest['run'] | undefined;

/** The text for the target's guest OS; substituted only then, so that others may look up what this cell lacks. */
function perOs(
  value: PerOs,
  key: 'run' | 'setup' | 'shell',
  { name, os }: BaseTarget,
  issues: Issue[],
  fill: <Value>(value: Value, ...keys: string[]) => Value,
): string | undefined {
  if (value === undefined || typeof value === 'string') return value === undefined ? value : fill(value, key);
  const which = chosenOs(value, os);
  if (which !== undefined) return fill(value[which], key, which);
  if (key === 'run') {
    const message = `\`test.run\` has nothing for \`${os}\`, the system of the target \`${name}\``;
    issues.push({ path: ['test', 'run'], at: 'key', message, hint: `add \`${os}:\` or \`default:\`` });
  }
  return undefined;
}

function chosenOs(value: Exclude<PerOs, string | undefined>, os: GuestOs): GuestOs | 'default' | undefined {
  if (value[os] !== undefined) return os;
  return value.default === undefined ? undefined : 'default';
}

function hasLookups(value: PerOs): boolean {
  return value !== undefined && hasLookup(JSON.stringify(value));
}

function shellPath(written: PerOs, os: GuestOs): Path {
  const branch = typeof written === 'object' ? chosenOs(written, os) : undefined;
  return ['test', 'shell', ...(branch === undefined ? [] : [branch])];
}

/** A shell that is neither a known name nor a template. */
export function shellIssues(shell: string, path: Path): Issue[] {
  const known: readonly string[] = SHELLS;
  if (known.includes(shell) || shell.includes('{0}')) return [];
  if (/\s/.test(shell)) {
    return [
      {
        path,
        message: `the shell ${quoted(shell)} has no \`{0}\``,
        hint: '`{0}` stands for the script file',
      },
    ];
  }
  const near = nearest(shell, known);
  const hint = near === undefined ? `for another shell, \`${shell} {0}\`` : `did you mean \`${near}\`?`;
  return [{ path, message: `no shell is called ${quoted(shell)}`, hint }];
}

function cellVariables({ id, target, values }: CellScope): Record<string, string> {
  const axes = Object.entries(values).map(([axis, value]) => [axisVariable(axis), value]);
  return { ...Object.fromEntries(axes), VMTEST_TARGET: target.name, VMTEST_CELL: id };
}

/** The types say boolean and time span; look-ups make them texts until now. */
function asBoolean(value: unknown, issues: Issue[]): boolean {
  if (value === '' || value === false || value === 'false') return false;
  if (value === true || value === 'true') return true;
  issues.push(mismatch(['test', 'continue-on-error'], value, testSchema.properties['continue-on-error']));
  return false;
}

function asTimeout(key: 'timeout' | 'idle-timeout', text: string, issues: Issue[]): number {
  const span = parseTimeSpan(text);
  if (span === undefined) issues.push(mismatch(['test', key], text, testSchema.properties[key]));
  return span ?? 0;
}
