/** Completion as the shells themselves carry it out. */
import { spawnSync } from 'node:child_process';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { CLI, type Project, project } from '../support/project.ts';

const MATRIX = `version: 1
targets:
  deb: { engine: fake }
  fed: { engine: fake }
matrix: { node: [20, 22] }
test: { run: echo hello }
`;

async function completing(): Promise<Project> {
  const p = await project({ 'ci/cells.yml': MATRIX, 'matrix.yml': MATRIX.replaceAll('deb', 'arch') });
  await mkdir(p.path('bin'));
  await writeFile(p.path('bin', 'vmtest'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
  await chmod(p.path('bin', 'vmtest'), 0o755);
  return p;
}

/** What one shell offers for a line with the cursor at its end: whole words. */
type Complete = (p: Project, line: string) => string[];

function shell(p: Project, argv: readonly string[], env: Record<string, string> = {}): string[] {
  const [program = '', ...args] = argv;
  const { stdout, stderr, error } = spawnSync(program, args, {
    cwd: p.folder,
    env: { ...process.env, ...env, PATH: `${p.path('bin')}:${process.env['PATH']}` },
    encoding: 'utf8',
  });
  if (error) throw error;
  expect(stderr).toBe('');
  return stdout.split('\n').filter((each) => each !== '');
}

const bash =
  (wordBreaks: string): Complete =>
  (p, line) =>
    shell(
      p,
      [
        'bash',
        '--norc',
        '-c',
        `compopt() { :; }; COMP_WORDBREAKS="${wordBreaks}"; eval "$(vmtest completion bash)"; _vmtest
printf "%s\\n" "\${COMPREPLY[@]}"`,
      ],
      { COMP_LINE: line, COMP_POINT: String(line.length) },
    );

/** zsh's own `compadd` filters by the word at the cursor; this one does the same and prints. */
const zsh: Complete = (p, line) =>
  shell(p, [
    'zsh',
    '-f',
    '-c',
    `compdef() { :; }; _files() { :; }
compadd() { local n; for n in "\${names[@]}"; do [[ $n == "\${words[CURRENT]}"* ]] && print -r -- "$n"; done; }
eval "$(vmtest completion zsh)"
words=("\${(@s: :)1}"); CURRENT=$#words; _vmtest`,
    'zsh',
    line,
  ]);

const fish: Complete = (p, line) =>
  shell(p, ['fish', '--no-config', '-c', 'vmtest completion fish | source; complete -C $argv[1]', line], {
    HOME: p.folder,
  }).map((each) => each.split('\t', 1)[0] ?? '');

describe.each([
  ['bash', bash(' ')],
  ['zsh', zsh],
  ['fish', fish],
] as const)('%s', (_, complete) => {
  test('completes commands, options, their values, and cells of the file named before', async () => {
    const p = await completing();
    expect(complete(p, 'vmtest va')).toEqual(['validate']);
    expect(complete(p, 'vmtest run --las')).toEqual(['--last-failed']);
    expect(complete(p, 'vmtest run --keep ne')).toEqual(['never']);
    expect(complete(p, 'vmtest run -r jun')).toEqual(['junit']);
    expect(complete(p, 'vmtest report --junit-label cl')).toEqual(['classname']);
    expect(complete(p, 'vmtest report --base')).toEqual(['--baseline']);
    expect(complete(p, 'vmtest run ci/cells.yml deb/').toSorted()).toEqual(['deb/node=20', 'deb/node=22']);
    expect(complete(p, 'vmtest list ci/cells.yml node=').toSorted()).toEqual(['node=20', 'node=22']);
    expect(complete(p, 'vmtest run --jobs 2 arch/node=2').toSorted()).toEqual([
      'arch/node=20',
      'arch/node=22',
    ]);
  });

  test('leaves files to the shell, and says nothing about a file that is broken', async () => {
    const p = await completing();
    await writeFile(p.path('broken.yml'), 'targets: [');
    expect(complete(p, 'vmtest run broken.yml zz')).toEqual([]);
    expect(complete(p, 'vmtest run --output zz')).toEqual([]);
    expect(complete(p, 'vmtest report arch')).toEqual([]);
  });
});

test('in bash, which usually cuts words at `=`, what stands before it is not doubled', async () => {
  const p = await completing();
  expect(bash(' =:')(p, 'vmtest run ci/cells.yml deb/node=2').toSorted()).toEqual(['20', '22']);
});

test('an unknown shell is told which there are', async () => {
  const p = await completing();
  const { exitCode, stderr } = await p.vmtest('completion', 'tcsh');
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/bash, zsh, fish/);
});
