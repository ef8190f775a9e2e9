/** The reporters by name: what `--reporter` accepts, what its help says, and which files come by themselves. */
import { resolve } from 'node:path';
import { VmtestError } from '../src/host/errors.ts';
import type { NamedReporter } from './bus.ts';
import { isModulePath, loadOwnModule } from './own-module.ts';
import type { CreateReporter, ReporterContext } from './reporter.ts';
import { canDrawOn } from './terminal/look.ts';

export interface ReporterEntry {
  /** One line for `--help`. */
  description: string;
  /** Where it writes unless told otherwise: a file in the output folder, or the standard output. */
  writes: string | 'stdout';
  /** Loaded when it is asked for. */
  load(context: Pick<ReporterContext, 'stdout' | 'path'>): Promise<{ createReporter: CreateReporter }>;
}

/** A further reporter is a line here and a file beside this one. */
export const REPORTERS: Readonly<Record<string, ReporterEntry>> = {
  terminal: {
    description: 'for an interactive terminal; elsewhere the same as plain',
    writes: 'stdout',
    load: ({ stdout, path }) =>
      path === undefined && canDrawOn(stdout, process.env) ? import('./terminal.ts') : import('./plain.ts'),
  },
  plain: {
    description: 'whole lines for CI logs and pipes',
    writes: 'stdout',
    load: () => import('./plain.ts'),
  },
  junit: {
    description: 'JUnit XML, merged and one file per cell',
    writes: 'junit.xml',
    load: () => import('./junit.ts'),
  },
  json: {
    description: 'everything, for programs; see schema/results.schema.json',
    writes: 'results.json',
    load: () => import('./json.ts'),
  },
  ctrf: {
    description: 'Common Test Report Format, JSON',
    writes: 'ctrf.json',
    load: () => import('./ctrf.ts'),
  },
  html: {
    description: 'one page for people: matrix, causes, timeline, logs',
    writes: 'report.html',
    load: () => import('./html.ts'),
  },
  github: {
    description: 'annotations and the job summary of GitHub Actions',
    writes: 'stdout',
    load: () => import('./github.ts'),
  },
  events: {
    description: 'events as they happen, a JSON object a line',
    writes: 'events.ndjson',
    load: () => import('./events.ts'),
  },
};

export interface ReporterRequest {
  name: string;
  /** As written: relative to the folder that the person stands in. */
  path?: string;
}

/** `junit`, or `junit=build/junit.xml`. */
export function parseReporter(text: string): ReporterRequest {
  const at = text.indexOf('=');
  if (at === -1) return { name: text };
  const path = text.slice(at + 1);
  if (path === '') {
    throw new VmtestError('REPORTER_WITHOUT_PATH', `--reporter ${text} names no file after the =`, {
      hint: `Write --reporter ${text}PATH, or leave the = out for the usual place.`,
    });
  }
  return { name: text.slice(0, at), path };
}

/** @throws VmtestError `UNKNOWN_REPORTER`, `REPORTER_NOT_LOADED`, `NOT_A_REPORTER` */
export async function openReporter(
  { name, path }: ReporterRequest,
  context: Omit<ReporterContext, 'path'>,
): Promise<NamedReporter> {
  const cwd = context.cwd ?? process.cwd();
  const whole = { ...context, ...(path === undefined ? {} : { path: resolve(cwd, path) }) };
  const { createReporter } = isModulePath(name)
    ? await loadOwnModule(resolve(cwd, name))
    : await entryOf(name).load(whole);
  return { name, reporter: createReporter(whole) };
}

function entryOf(name: string): ReporterEntry {
  const entry = Object.hasOwn(REPORTERS, name) ? REPORTERS[name] : undefined;
  if (entry) return entry;
  throw new VmtestError('UNKNOWN_REPORTER', `there is no reporter called ${JSON.stringify(name)}`, {
    hint: `Reporters: ${Object.keys(REPORTERS).join(', ')}; or the path of a module of your own, such as ./my-reporter.mjs.`,
  });
}
