/** What may stand at the cursor of an unfinished command line. */
import type { Argument, Command, Option } from 'commander';
import { isFile } from '../file-or-selector.ts';

export interface Candidate {
  text: string;
  description?: string;
}

/** What only the matrix files of a folder can tell. */
export interface FromMatrix {
  /** Selectors for the cells of a file; undefined = the one that a run would take. None when there is no such file. */
  selectors(file: string | undefined): Promise<Candidate[]>;
}

/**
 * @param words after the program's name; the last one is being written, and may be empty.
 * @returns candidates that begin with it; none where any file fits, or nothing does.
 */
export async function candidates(
  program: Command,
  words: readonly string[],
  matrix: FromMatrix,
): Promise<Candidate[]> {
  const current = words.at(-1) ?? '';
  const { command, positionals, pending } = parse(program, words.slice(0, -1));
  const all = await candidatesAt(command, positionals, pending, current, matrix);
  return all.filter(({ text }) => text.startsWith(current));
}

async function candidatesAt(
  command: Command,
  positionals: readonly string[],
  pending: Option | undefined,
  current: string,
  matrix: FromMatrix,
): Promise<Candidate[]> {
  if (pending) return choices(pending);
  if (current.startsWith('-')) return optionsOf(command);
  if (command.commands.length > 0) return commandsOf(command);
  const known = choices(command.registeredArguments[positionals.length]);
  if (known.length > 0) return known;
  if (!takesSelectors(command)) return [];
  const [first] = positionals;
  return matrix.selectors(first !== undefined && isFile(first) ? first : undefined);
}

interface Parsed {
  command: Command;
  positionals: string[];
  /** The option whose value is being written. */
  pending?: Option;
}

function parse(program: Command, words: readonly string[]): Parsed {
  let command = program;
  let pending: Option | undefined;
  const positionals: string[] = [];
  for (const word of words) {
    if (pending) {
      pending = undefined;
    } else if (word.startsWith('-')) {
      const option = [...command.options, ...program.options].find(
        ({ short, long }) => word === short || word === long,
      );
      pending = option?.required ? option : undefined;
    } else {
      const next = command.commands.find((each) => each.name() === word);
      if (next) command = next;
      else positionals.push(word);
    }
  }
  return { command, positionals, ...(pending ? { pending } : {}) };
}

function choices(of: Option | Argument | undefined): Candidate[] {
  return (of?.argChoices ?? []).map((text) => ({ text }));
}

function commandsOf(program: Command): Candidate[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .map((command) => ({ text: command.name(), description: command.description() }));
}

function optionsOf(command: Command): Candidate[] {
  const help = command.createHelp();
  const all = [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)];
  return all.flatMap(({ long, description }) => (long ? [{ text: long, description }] : []));
}

/** `run` and `list` take a file, then selectors. */
function takesSelectors(command: Command): boolean {
  return command.registeredArguments.at(-1)?.name() === 'selector';
}
