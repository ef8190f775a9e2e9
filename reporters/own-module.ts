/** A reporter of the user's own: a module that exports `createReporter`, named by its path. */
import { pathToFileURL } from 'node:url';
import { VmtestError } from '../src/host/errors.ts';
import type { CreateReporter, Reporter } from './reporter.ts';

/** A name with a folder in it or with the ending of a module is a path. */
export function isModulePath(name: string): boolean {
  return /[/\\]/.test(name) || /\.[cm]?[jt]s$/.test(name);
}

/**
 * @param path absolute.
 * @throws VmtestError `REPORTER_NOT_LOADED`, `NOT_A_REPORTER`
 */
export async function loadOwnModule(path: string): Promise<{ createReporter: CreateReporter }> {
  const create = creatorIn(await importModule(path));
  if (!create) throw notAReporter(`${path} exports no function createReporter`);
  return {
    createReporter: (context) => {
      const reporter = create(context);
      if (isReporter(reporter)) return reporter;
      throw notAReporter(`createReporter of ${path} does not return an object with onEvent or finish`);
    },
  };
}

type Exports = Record<string, unknown>;
type Create = (...args: Parameters<CreateReporter>) => unknown;

async function importModule(path: string): Promise<Exports> {
  try {
    return (await import(pathToFileURL(path).href)) as Exports;
  } catch (error) {
    throw new VmtestError('REPORTER_NOT_LOADED', `${path} could not be loaded: ${(error as Error).message}`, {
      hint: 'It must be a JavaScript module that this Node can import.',
      cause: error,
    });
  }
}

/** By its name, or as the default export; CommonJS modules are their default export. */
function creatorIn(module: Exports): Create | undefined {
  const fallback = module['default'];
  const inside =
    typeof fallback === 'object' && fallback !== null ? (fallback as Exports)['createReporter'] : undefined;
  return [module['createReporter'], fallback, inside].find(
    (found): found is Create => typeof found === 'function',
  );
}

function isReporter(made: unknown): made is Reporter {
  if (typeof made !== 'object' || made === null) return false;
  const { onEvent, finish } = made as Exports;
  return typeof onEvent === 'function' || typeof finish === 'function';
}

function notAReporter(message: string): VmtestError {
  return new VmtestError('NOT_A_REPORTER', message, {
    hint: 'Export `function createReporter(context)` that returns { onEvent, finish }; docs/reporters.md has an example.',
  });
}
