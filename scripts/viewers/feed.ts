/** What viewers are fed: what the reporters really write. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { Command } from 'commander';
import { createReporter as createGitHub } from '../../reporters/github.ts';
import { createReporter as createJUnit } from '../../reporters/junit.ts';
import type { CreateReporter } from '../../reporters/reporter.ts';
import { addJUnitOptions, type JUnitFlags, junitSettings } from '../../src/cli/junit-options.ts';
import type { RunEvent } from '../../src/results/events.ts';
import type { RunResult } from '../../src/results/model.ts';
import type { FedFile } from './viewer.ts';

/** @param options as on the command line. @param per which files: `junit*.xml`, or `cells/*\/junit*.xml`. */
export async function junitFiles(
  result: RunResult,
  options: readonly string[],
  per: 'run' | 'cell',
): Promise<FedFile[]> {
  const flags = addJUnitOptions(new Command(), Number).parse(options, { from: 'user' }).opts<JUnitFlags>();
  const events: RunEvent[] =
    per === 'run' ? [end(result)] : result.cells.map((cell) => ({ type: 'cell:end', cell, result: cell }));
  return inFolder(async (folder) => {
    const output = join(folder, 'vmtest-results');
    await play(createJUnit, { output, cwd: folder, junit: junitSettings(flags) }, events);
    const names = await readdir(output, { recursive: true });
    const reports = names.filter((name) => name.endsWith('.xml')).toSorted();
    return Promise.all(
      reports.map(async (name) => ({ name, text: await readFile(join(output, name), 'utf8') })),
    );
  });
}

export async function githubStep(result: RunResult): Promise<{ stdout: string; summary: string }> {
  return inFolder(async (folder) => {
    const path = join(folder, 'summary.md');
    const stdout = await play(createGitHub, { output: folder, path }, [end(result)]);
    return { stdout, summary: await readFile(path, 'utf8') };
  });
}

function end(result: RunResult): RunEvent {
  return { type: 'run:end', result };
}

async function play(
  create: CreateReporter,
  context: Omit<Parameters<CreateReporter>[0], 'stdout' | 'stderr' | 'color'>,
  events: readonly RunEvent[],
): Promise<string> {
  const pieces: string[] = [];
  const stdout = new Writable({
    write(chunk: Buffer, _encoding, done) {
      pieces.push(chunk.toString());
      done();
    },
  });
  const reporter = create({ ...context, stdout, stderr: stdout, color: false });
  for (const event of events) reporter.onEvent?.(event);
  await reporter.finish?.();
  return pieces.join('');
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'vmtest-viewers-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
