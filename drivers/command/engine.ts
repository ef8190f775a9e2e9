/** A user's engine: which program stands for which verb, and how it is asked. */
import { isAbsolute, resolve } from 'node:path';
import { VmtestError } from '../../src/host/errors.ts';
import { type Argv, showArgv } from '../../src/host/exec.ts';
import type { Host } from '../../src/host/host.ts';
import { readAnswer } from './answer.ts';
import { ExecProgram } from './exec-program.ts';
import { programError } from './program-file.ts';
import type { Answer, AnsweringVerb } from './protocol.ts';
import { environmentOf, type Particulars, requestFor, type Subject } from './request.ts';
import { runProgram } from './run-program.ts';
import type { CommandOptions } from './schema.ts';
import { DEADLINES, type Verb } from './verbs.ts';

/** What a lease has to remember of an engine. */
export type EngineOptions = Pick<CommandOptions, 'program' | 'commands' | 'folder'>;

export class UserEngine {
  readonly options: EngineOptions;
  readonly #host: Host;

  constructor(host: Host, { program, commands, folder }: EngineOptions) {
    this.#host = host;
    this.options = {
      folder,
      ...(program === undefined ? {} : { program }),
      ...(commands === undefined ? {} : { commands }),
    };
  }

  /** Whether there is a command of its own for a verb; a program is another that may know it. */
  hasCommand(verb: Verb): boolean {
    return this.options.commands?.[verb] !== undefined;
  }

  /** The command for a verb as its user wrote it, for messages; undefined when there is none. */
  written(verb: Verb): string[] | undefined {
    const { program, commands } = this.options;
    return commands?.[verb] ?? (program ? [...program, verb] : undefined);
  }

  /**
   * Asks, and has the answer. Progress on stderr goes to the host's log.
   * @param extra milliseconds on top of the verb's deadline.
   * @throws VmtestError `COMMAND_…`, `TIMEOUT`, or what the program says itself; the signal's reason when it aborts.
   */
  async call<V extends AnsweringVerb>(
    verb: V,
    subject: Subject,
    signal: AbortSignal,
    particulars: Particulars = {},
    extra = 0,
  ): Promise<Answer<V>> {
    const shown = this.#shown(verb);
    const request = requestFor(verb, subject, particulars);
    const argv = this.#argv(verb);
    try {
      const ran = await runProgram(this.#host.spawn, {
        argv,
        cwd: this.options.folder,
        env: environmentOf(request),
        input: `${JSON.stringify(request)}\n`,
        timeout: DEADLINES[verb] + extra,
        what: shown,
        signal,
        onLine: (line) => this.#host.log(`${subject.target}: ${verb}: ${line}`),
      });
      return readAnswer(verb, shown, ran);
    } catch (error) {
      throw await programError(error, argv[0], this.options.folder);
    }
  }

  /** Starts the program of `exec`, whose streams are those of the command in the guest. */
  async exec(command: string, subject: Subject): Promise<ExecProgram> {
    const argv = this.#argv('exec');
    const { folder } = this.options;
    const env = environmentOf(requestFor('exec', subject, { command }));
    try {
      const child = await this.#host.spawn(argv, { cwd: folder, env, pipes: true });
      return new ExecProgram(child, this.#shown('exec'));
    } catch (error) {
      throw await programError(error, argv[0], folder);
    }
  }

  #shown(verb: Verb): string {
    return showArgv(this.written(verb) ?? [verb]);
  }

  /** Relative paths begin at the folder also where the system would look from ours. */
  #argv(verb: Verb): Argv {
    const [file, ...args] = this.written(verb) ?? [];
    if (file === undefined) throw noSuchVerb(verb);
    const isPath = /[\\/]/.test(file) && !isAbsolute(file);
    return [isPath ? resolve(this.options.folder, file) : file, ...args];
  }
}

export function noSuchVerb(verb: Verb): VmtestError {
  return new VmtestError('COMMAND_VERB_MISSING', `this engine does not know the verb ${verb}`, {
    hint: `Its program has to name it in the answer to \`probe\`, or the target needs \`commands.${verb}\`.`,
  });
}
