/** One line of `go test -json` (cmd/test2json), untrusted. */

export interface GoEvent {
  action: string;
  package: string;
  test?: string;
  output?: string;
  /** Seconds. */
  elapsed?: number;
  /** ISO 8601; absent for a cached package. */
  time?: string;
  /** Of the build (from Go 1.24): what is being built. */
  importPath?: string;
  /** The build that a package failed for. */
  failedBuild?: string;
  /** An attribute of a test (from Go 1.25). */
  key?: string;
  value?: string;
}

/** `broken` is an event that cannot be read, undefined what is no event at all: output of something else. */
export function parseGoEvent(line: string): GoEvent | 'broken' | undefined {
  if (!line.startsWith('{')) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    return line.includes('"Action"') ? 'broken' : undefined;
  }
  const fields = json as Readonly<Record<string, unknown>>;
  const text = (key: string): string | undefined => {
    const value = fields[key];
    return typeof value === 'string' ? value : undefined;
  };
  const action = text('Action');
  if (action === undefined) return undefined;
  const elapsed = fields['Elapsed'];
  const event: GoEvent = { action, package: text('Package') ?? '' };
  for (const [key, name] of FIELDS) {
    const value = text(name);
    if (value !== undefined) event[key] = value;
  }
  if (typeof elapsed === 'number') event.elapsed = elapsed;
  return event;
}

const FIELDS = [
  ['test', 'Test'],
  ['output', 'Output'],
  ['time', 'Time'],
  ['importPath', 'ImportPath'],
  ['failedBuild', 'FailedBuild'],
  ['key', 'Key'],
  ['value', 'Value'],
] as const;
