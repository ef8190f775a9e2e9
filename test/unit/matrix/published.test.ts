/** What is published about the file, the schema for editors and the reference page, says what the loader does. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { engineSchemas } from '../../../drivers/registry.ts';
import type { JsonSchema } from '../../../matrix/engine-schema.ts';
import { fileSchema } from '../../../matrix/schema/file.ts';
import { guestSchema, targetSchema } from '../../../matrix/schema/target.ts';
import { publishedSchema } from '../../../scripts/schema/published.ts';
import { faults, load, matrixOf } from './support.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const engines = engineSchemas();
const page = readFileSync(`${root}docs/matrix-file.md`, 'utf8');

const ajv = new Ajv({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
const acceptedByEditors = ajv.compile(publishedSchema(engines));

const [example = ''] = /(?<=```yaml\n)[^`]*/.exec(page) ?? [];

const full = {
  version: 1,
  vars: { a: 'x', n: 3.1, yes: true, none: null },
  secrets: ['TOKEN'],
  targets: {
    disk: {
      engine: 'qemu',
      image: 'a.qcow2',
      firmware: 'uefi',
      os: 'linux',
      cpus: 2,
      memory: '512M',
      jobs: 1,
      snapshot: 'none',
      guest: { user: 'u', key: 'k', port: 22, agent: true, 'host-key': 'any', channel: 'auto' },
      timeouts: { boot: '1m30s', run: '5m' },
      args: ['-s'],
    },
    loop: { engine: ['qemu', 'fake'], kernel: 'k', seed: 1 },
    toy: {
      engine: 'fake',
      latency: { boot: '1s..2s', run: '5ms' },
      fail: { boot: { times: 1 }, run: { 'exit-code': 2 } },
      junit: { pass: 1 },
      output: ['x'],
    },
  },
  matrix: {
    target: ['disk', 'toy'],
    node: [20, 3.1, 'x', true, { name: 'a' }],
    include: [{ target: 'toy', node: 24, more: true }],
    exclude: [{ node: 20, target: 'toy' }],
  },
  test: {
    upload: { from: '.', to: 'w', exclude: ['a'], gitignore: false },
    env: { A: 1, B: 'x', C: true },
    setup: 'a',
    run: { windows: 'b', default: 'c' },
    shell: 'bash',
    results: ['*.xml', { files: '*.log', format: 'tap' }],
    artifacts: ['logs/**'],
    timeout: '90s',
    'continue-on-error': true,
  },
  limits: { jobs: 'auto', memory: '2G', cpus: 4, engines: { qemu: 1 } },
  retries: { test: 1, error: 0 },
  timeouts: { boot: '1m' },
  'fail-fast': true,
};

describe('the published files', () => {
  it('are fresh', () => {
    const script = [`--import`, './scripts/ts.mjs', 'scripts/generate-schema.ts', '--check'];
    expect(execFileSync(process.execPath, script, { cwd: root, encoding: 'utf8', stdio: 'pipe' })).toBe('');
  });

  it('have an example that works', () => {
    expect(matrixOf(example, { engines }).cells).toHaveLength(6);
    expect(acceptedByEditors(parse(example))).toBe(true);
  });

  it('name every key', () => {
    const keys = (schema: JsonSchema): string[] => Object.keys(schema.properties ?? {});
    const all = [
      fileSchema,
      targetSchema,
      guestSchema,
      ...Object.values(engines).map(({ target }) => target),
    ].flatMap(keys);
    for (const key of all) expect(page).toMatch(new RegExp(`\`([a-z*|\\\\]+\\.)?${key}\``));
  });

  it('say something about every key', () => {
    const silent: string[] = [];
    const look = (schema: JsonSchema, path: string): void => {
      for (const [key, inner] of Object.entries(schema.properties ?? {})) {
        const phases = path.endsWith('latency') || path.endsWith('fail') || path.endsWith('junit');
        if (inner.description === undefined && !phases) silent.push(`${path}.${key}`);
        look(inner, `${path}.${key}`);
      }
    };
    look(fileSchema, 'file');
    look(targetSchema, 'target');
    for (const [name, { target }] of Object.entries(engines)) look(target, name);
    expect(silent).toEqual([]);
  });

  it('give examples that the loader takes', () => {
    const entries = Object.entries<JsonSchema>(targetSchema.properties);
    for (const [key, { examples = [] }] of entries) {
      if (key === 'engine') continue;
      for (const value of examples) {
        const file = { ...full, targets: { disk: { engine: 'qemu', image: 'a', [key]: value } }, matrix: {} };
        expect(faults(stringify(file))).toEqual([]);
      }
    }
    for (const [name, { target }] of Object.entries(engines)) {
      const least = Object.fromEntries(leastKeys(target).map((key) => [key, exampleOf(target, key)]));
      for (const [key, { examples = [] }] of Object.entries<JsonSchema>(target.properties)) {
        for (const value of examples) {
          const file = {
            ...full,
            targets: { t: { engine: name, snapshot: 'clean', ...least, [key]: value } },
            matrix: {},
          };
          expect(faults(stringify(file))).toEqual([]);
        }
      }
    }
  });
});

/** All maps and lists of a tree, by path. */
function places(value: unknown, path: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== 'object' || value === null) return [];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, inner]) => [[...path, key], ...places(inner, [...path, key])]);
}

function changed(
  path: (string | number)[],
  change: (parent: Record<string | number, unknown>, key: string | number) => void,
) {
  const copy = structuredClone(full) as Record<string, unknown>;
  const parent = path
    .slice(0, -1)
    .reduce<unknown>((at, key) => (at as Record<string | number, unknown>)[key], copy);
  change(parent as Record<string | number, unknown>, path.at(-1) as string | number);
  return copy;
}

const anyPlace = fc.constantFrom(...places(full));
const values = fc.constantFrom<unknown>(
  null,
  true,
  false,
  0,
  1,
  2,
  -1,
  1.5,
  70_000,
  '',
  'x',
  'auto',
  '1m',
  '512M',
  '5 min',
  'uefi',
  'qemu',
  [],
  ['x'],
  [1],
  {},
  { x: 1 },
);

describe('editors and the loader', () => {
  it('take the same full file', () => {
    expect(faults(stringify(full), { engines })).toEqual([]);
    expect(acceptedByEditors(full)).toBe(true);
  });

  it('agree: what the loader takes, editors take', () => {
    let taken = 0;
    fc.assert(
      fc.property(anyPlace, values, fc.boolean(), (path, value, remove) => {
        const file = changed(path, (parent, key) => {
          if (!remove) parent[key] = value;
          else if (Array.isArray(parent)) parent.splice(Number(key), 1);
          else delete parent[key];
        });
        if (load(stringify(file), { engines }).problems) return;
        taken += 1;
        expect(acceptedByEditors(file), JSON.stringify(acceptedByEditors.errors)).toBe(true);
      }),
      { numRuns: 400 },
    );
    expect(taken).toBeGreaterThan(50);
  });

  it('agree on unknown keys', () => {
    const free = /^(vars|matrix|targets)$|^test\.env$|^matrix\./;
    const maps = places(full)
      .filter((path) => typeof path.at(-1) === 'string')
      .map((path) => path.slice(0, -1))
      .filter((path) => !free.test(path.join('.')));
    for (const path of maps) {
      const file = changed([...path, 'zzz'], (parent, key) => {
        parent[key] = 'x';
      });
      expect(acceptedByEditors(file), path.join('.')).toBe(false);
      expect(faults(stringify(file), { engines }).length, path.join('.')).toBeGreaterThan(0);
    }
  });

  it('take look-ups in place of values', () => {
    const lookup = '$'.concat('{{ vars.v }}');
    const valuesOf: Record<string, string> = {
      cpus: '2',
      memory: '1G',
      jobs: '3',
      os: 'linux',
      snapshot: 's',
      engine: 'fake',
    };
    for (const [key, value] of Object.entries(valuesOf)) {
      const file = {
        version: 1,
        vars: { v: value },
        targets: { t: { engine: 'fake', [key]: lookup } },
        test: { run: 'x' },
      };
      expect(faults(stringify(file), { engines })).toEqual([]);
      expect(acceptedByEditors(file), JSON.stringify(acceptedByEditors.errors)).toBe(true);
    }
  });

  it('refuse the wrong files whose mistakes are of form', () => {
    const folder = `${root}test/unit/matrix/wrong-files/`;
    const formal = ['engines', 'misspelt-keys', 'missing', 'types', 'units'];
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(formal.map((name) => `${name}.yml`)));
    for (const name of formal) {
      expect(acceptedByEditors(parse(readFileSync(`${folder}${name}.yml`, 'utf8'))), name).toBe(false);
    }
  });
});

/** Keys without which a target of this engine is none. */
function leastKeys({ properties = {}, required = [], anyOf }: JsonSchema): readonly string[] {
  if (Object.hasOwn(properties, 'image')) return [...required, 'image'];
  return [...required, ...(anyOf?.[0]?.required ?? [])];
}

function exampleOf({ properties }: JsonSchema, key: string): unknown {
  return properties?.[key]?.examples?.[0];
}
