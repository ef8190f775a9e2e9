/** Arguments as the vendor documents them, and no others. */
import { Failure } from './failure.ts';

export interface Grammar {
  /** How many words that are no options. */
  words: number;
  flags?: readonly string[];
  /** Options with a value. */
  values?: readonly string[];
  /** Options that may not be left out. */
  needs?: readonly string[];
}

export interface Arguments {
  words: string[];
  has(flag: string): boolean;
  get(option: string): string | undefined;
}

/** Short forms that are documented beside the long ones. */
const LONG: Readonly<Record<string, string>> = {
  '-a': '--all',
  '-f': '--full',
  '-j': '--json',
  '-i': '--info',
  '-t': '--template',
};

export function parseArguments(args: readonly string[], grammar: Grammar): Arguments {
  const { flags = [], values = [], needs = [] } = grammar;
  const words: string[] = [];
  const given = new Map<string, string>();
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at] as string;
    const short = arg === '-i' && values.includes('--id') ? '--id' : (LONG[arg] ?? arg);
    if (flags.includes(short)) given.set(short, '');
    else if (values.includes(short)) {
      at += 1;
      const value = args[at];
      if (value === undefined) throw usage(`the option ${arg} needs a value`);
      given.set(short, value);
    } else if (arg.startsWith('-')) throw usage(`unrecognized option ${arg}`);
    else words.push(arg);
  }
  if (words.length !== grammar.words) throw usage(`${words.length} arguments, not ${grammar.words}`);
  for (const need of needs) if (!given.has(need)) throw usage(`the option ${need} is missing`);
  return { words, has: (flag) => given.has(flag), get: (option) => given.get(option) };
}

export function usage(why: string): Failure {
  return new Failure(`${why}\nUsage: prlctl ACTION <ID | NAME> [OPTIONS]`, 1);
}
