/** `Diagnostics.Process`, on programs of the stand-in. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { NotInSubset, PsError } from '../powershell/runtime/errors.ts';
import { isTrue, PsObject, toText, type Value } from '../powershell/runtime/values.ts';
import { PATH_VARIABLE } from './environment.ts';
import { toHost } from './paths.ts';
import { createProcess, exitCodeOf } from './programs.ts';
import { Stream } from './streams.ts';

const SETTABLE = [
  'FileName',
  'Arguments',
  'WorkingDirectory',
  'UseShellExecute',
  'RedirectStandardInput',
  'RedirectStandardOutput',
  'RedirectStandardError',
];

class StartInfo extends PsObject {
  readonly variables = new Map<string, { name: string; value: string }>();

  constructor() {
    super('ProcessStartInfo', { UseShellExecute: true }, { writable: SETTABLE });
    const methods = {
      Remove: (name: Value = null) => {
        this.variables.delete(toText(name).toLowerCase());
        return [];
      },
      Add: (name: Value = null, value: Value = null) => {
        if (this.variables.has(toText(name).toLowerCase()))
          throw new PsError('An item with the same key has already been added.', 'ArgumentException');
        this.variables.set(toText(name).toLowerCase(), { name: toText(name), value: toText(value) });
        return [];
      },
    };
    this.environment = new PsObject('StringDictionary', {}, { methods });
  }

  readonly environment: PsObject;

  override get(name: string): Value {
    return name.toLowerCase() === 'environmentvariables' ? this.environment : super.get(name);
  }
}

class Process extends PsObject {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #exitCode: number | undefined;

  constructor(child: ChildProcess) {
    super(
      'Process',
      {
        StandardInput: new PsObject(
          'StreamWriter',
          {},
          {
            methods: {
              Close: () => {
                child.stdin?.end();
                return [];
              },
            },
          },
        ),
        StandardOutput: new PsObject('StreamReader', { BaseStream: drained(child.stdout) }),
        StandardError: new PsObject('StreamReader', { BaseStream: drained(child.stderr) }),
      },
      { methods: { WaitForExit: () => this.#wait() } },
    );
    this.#child = child;
    this.#ended = once(child, 'exit').then(([code]) => {
      this.#exitCode = exitCodeOf(child.pid ?? 0, code as number | null);
    });
  }

  override get(name: string): Value {
    if (name.toLowerCase() !== 'exitcode') return super.get(name);
    if (this.#exitCode === undefined)
      throw new PsError(
        `Process ${this.#child.pid} must exit before requested information can be determined.`,
        'InvalidOperationException',
      );
    return this.#exitCode;
  }

  async #wait(): Promise<Value> {
    await this.#ended;
    return [];
  }
}

function drained(stream: ChildProcess['stdout']): PsObject {
  return new PsObject(
    'Stream',
    {},
    {
      methods: {
        CopyToAsync: (to = null) => {
          if (!(to instanceof Stream) || to.descriptor !== undefined)
            throw new NotInSubset('a copy to elsewhere than Stream.Null');
          const ended = stream ? once(stream.resume(), 'end') : Promise.resolve();
          return new PsObject(
            'Task',
            {},
            {
              methods: {
                Wait: async () => {
                  await ended;
                  return [];
                },
              },
            },
          );
        },
      },
    },
  );
}

function start(given: Value): Value {
  if (!(given instanceof StartInfo) || isTrue(given.get('UseShellExecute')))
    throw new NotInSubset('a start by the shell');
  const stdio = ['RedirectStandardInput', 'RedirectStandardOutput', 'RedirectStandardError'].map(
    (name, at) => (isTrue(given.get(name)) ? ('pipe' as const) : at),
  );
  const env = { ...process.env };
  for (const { name, value } of given.variables.values())
    env[name.toLowerCase() === 'path' ? PATH_VARIABLE : name] = value;
  const folder = toText(given.get('WorkingDirectory'));
  const child = createProcess(toText(given.get('FileName')), toText(given.get('Arguments')), {
    stdio,
    env,
    ...(folder === '' ? {} : { cwd: toHost(folder) }),
  });
  if (!child) throw new PsError('The system cannot find the file specified', 'Win32Exception');
  return new Process(child);
}

export const processTypes = {
  methods: {
    'diagnostics.processstartinfo::new': () => new StartInfo(),
    'diagnostics.process::start': (info: Value) => start(info),
  },
};
