/** Targets: checked against the schemas of their engines, completed with defaults, and put into the model's form. */
import { baseTarget, composeTarget, enginesWithKey } from './compose.ts';
import type { EngineSchemas, JsonSchema } from './engine-schema.ts';
import { isUrl, type PathBase, withAbsolutePaths } from './host-path.ts';
import type { BaseTarget, GuestOs, GuestSettings, PhaseTimeouts } from './model.ts';
import { suggest } from './nearest.ts';
import { isWithin, type Path } from './place.ts';
import { retype } from './retype.ts';
import { guestSchema, type RawGuest, type RawTarget } from './schema/target.ts';
import { type Check, compileCheck, type Issue, mismatch } from './schema-check.ts';
import { mapLeaves, withDefaults } from './schema-walk.ts';
import { parseBytes, parseTimeSpan } from './units.ts';

const LIST = new Intl.ListFormat('en', { type: 'conjunction' });

export interface CheckedTarget {
  issues: Issue[];
  /** With numbers and booleans read from look-ups, and defaults filled in. Only meaningful without issues. */
  raw: RawTarget & Readonly<Record<string, unknown>>;
}

const checks = new WeakMap<EngineSchemas, Map<string, Check>>();

export function checkTarget(
  name: string,
  written: Readonly<Record<string, unknown>>,
  engines: EngineSchemas,
  isSoleLookup: (path: Path) => boolean,
): CheckedTarget {
  const path = ['targets', name];
  const listed = readEngines(written['engine'], [...path, 'engine'], engines);
  if (listed.issues.length > 0) return { issues: listed.issues, raw: written as RawTarget };
  const schema = composeTarget(listed.names, engines);
  const value = retype(written, schema, isSoleLookup, path) as Record<string, unknown>;
  const issues = checkOf(listed.names, schema, engines)(value, path);
  const raw = completed(value, listed.names, engines);
  return {
    issues: [
      ...issues.map((issue) => elsewhere(issue, schema, engines)),
      ...urlIssues(raw, schema, path),
      ...(issues.some((issue) => isWithin(issue.path, [...path, 'guest'])) ? [] : guestIssues(raw, path)),
    ],
    raw,
  };
}

function checkOf(names: readonly string[], schema: JsonSchema, engines: EngineSchemas): Check {
  const known = checks.get(engines) ?? new Map<string, Check>();
  checks.set(engines, known);
  const key = [...new Set(names)].sort().join(' ');
  const check = known.get(key) ?? compileCheck(schema);
  known.set(key, check);
  return check;
}

function readEngines(
  value: unknown,
  path: Path,
  engines: EngineSchemas,
): { names: string[]; issues: Issue[] } {
  const known = Object.keys(engines);
  if (value === undefined) {
    const message = `\`targets.${path[1]}\` needs the key \`engine\``;
    const hint = `engines: ${known.map((name) => `\`${name}\``).join(', ')}`;
    return { names: [], issues: [{ path: path.slice(0, -1), at: 'key', message, hint }] };
  }
  const list = Array.isArray(value) ? value : [value];
  if (list.length === 0 || list.some((name) => typeof name !== 'string')) {
    const schema = baseTarget.properties['engine'] as JsonSchema;
    return { names: [], issues: [{ ...mismatch(path, value, schema), hint: 'for example `engine: qemu`' }] };
  }
  const issues = list.flatMap((name: string, index): Issue[] =>
    Object.hasOwn(engines, name)
      ? []
      : [
          {
            path: Array.isArray(value) ? [...path, index] : path,
            message: `no engine is called \`${name}\``,
            hint: () => suggest(name, known, 'engines'),
          },
        ],
  );
  return { names: list, issues };
}

/** A key that only other engines know is no typing error: say whose it is. */
function elsewhere(issue: Issue, schema: JsonSchema, engines: EngineSchemas): Issue {
  const [, , key, ...deeper] = issue.path;
  if (key === undefined || deeper.length > 0 || Object.hasOwn(schema.properties ?? {}, key)) return issue;
  const owners = enginesWithKey(String(key), engines);
  if (owners.length === 0) return issue;
  return { ...issue, hint: `\`${key}\` is a key of ${LIST.format(owners.map((name) => `\`${name}\``))}` };
}

function completed(
  value: Readonly<Record<string, unknown>>,
  names: readonly string[],
  engines: EngineSchemas,
): CheckedTarget['raw'] {
  let raw = { ...agreedDefaults(names, engines), guest: {}, ...value } as Record<string, unknown>;
  for (const schema of [baseTarget, ...names.map((name) => engines[name]?.target)]) {
    if (schema) raw = withDefaults(raw, schema) as Record<string, unknown>;
  }
  return raw as CheckedTarget['raw'];
}

/** A default holds for a list of engines when all of them have the same. */
function agreedDefaults(names: readonly string[], engines: EngineSchemas): Record<string, string> {
  const [first = {}, ...others] = names.map((name) => engines[name]?.defaults ?? {});
  const agreed = Object.entries(first).filter(([key, value]) =>
    others.every((other) => other[key as keyof typeof other] === value),
  );
  return Object.fromEntries(agreed) as Record<string, string>;
}

function urlIssues(raw: CheckedTarget['raw'], schema: JsonSchema, path: Path): Issue[] {
  const issues: Issue[] = [];
  mapLeaves(
    raw,
    [schema],
    (leaf, schemas, at) => {
      const takesUrl = schemas.some(({ format }) => format === 'host-path-or-url');
      if (takesUrl && typeof leaf === 'string' && isUrl(leaf) && raw['sha256'] === undefined) {
        issues.push({
          path: at,
          message: 'an image from a URL needs the key `sha256` beside it',
          hint: 'its publisher lists the checksum',
        });
      }
      return leaf;
    },
    path,
  );
  return issues;
}

function guestIssues(raw: CheckedTarget['raw'], path: Path): Issue[] {
  const guest = raw.guest as RawGuest;
  if (guest.passphrase !== undefined && guest.key === undefined) {
    return [
      {
        path: [...path, 'guest', 'passphrase'],
        at: 'key',
        message: '`passphrase` has no `key` that it belongs to',
      },
    ];
  }
  const credentials = guest.key !== undefined || guest.password !== undefined || guest.agent;
  if (guest.channel === 'ssh' && !credentials) {
    const message = '`channel: ssh` needs a way to log in';
    return [
      { path: [...path, 'guest', 'channel'], message, hint: 'give `key`, `password` or `agent: true`' },
    ];
  }
  if (guest.channel === 'console' && raw.os === 'windows') {
    const message = 'a Windows guest has no console that commands could be typed at';
    return [{ path: [...path, 'guest', 'channel'], message, hint: 'write `ssh`, `agent` or `auto`' }];
  }
  return [];
}

/** The model's form of a target without issues. */
export function toTarget(
  name: string,
  checked: CheckedTarget['raw'],
  engines: EngineSchemas,
  base: PathBase,
): BaseTarget {
  const names = [checked.engine].flat() as string[];
  const raw = withAbsolutePaths(checked, composeTarget(names, engines), base) as CheckedTarget['raw'];
  const { snapshot, os, cpus, memory, jobs, guest, timeouts, engine, ...options } = raw;
  return {
    name,
    engines: names,
    snapshot: snapshot as string,
    os,
    guest: toGuest(guest as RawGuest, os),
    cpus,
    ...(memory === undefined ? {} : { memory: parseBytes(memory) as number }),
    ...(jobs === undefined ? {} : { jobs }),
    timeouts: toTimeouts(timeouts ?? {}),
    options,
  };
}

export function toTimeouts(
  written: Readonly<Partial<Record<keyof PhaseTimeouts, string>>>,
): Partial<PhaseTimeouts> {
  return Object.fromEntries(
    Object.entries(written).map(([phase, span]) => [phase, parseTimeSpan(span) as number]),
  );
}

const USERS: Partial<Record<GuestOs, string>> = { windows: 'Administrator', macos: 'admin' };

function toGuest(guest: RawGuest, os: GuestOs): GuestSettings {
  const { agent, 'host-key': hostKey, user, ...rest } = withDefaults(guest, guestSchema) as RawGuest;
  return { ...rest, user: user ?? USERS[os] ?? 'root', sshAgent: agent, hostKey };
}
