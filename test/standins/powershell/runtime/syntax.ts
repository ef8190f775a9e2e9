/**
 * Which parameters a command takes, written as the vendor's reference pages do (`[-Name] <String> [-Force]`): a line a
 * parameter set, without those that no script of ours has to do with.
 */

export interface Parameter {
  name: string;
  required: boolean;
  isSwitch: boolean;
  positional: boolean;
}

export type ParameterSet = readonly Parameter[];

/** The common one that scripts use. */
const COMMON: Parameter = { name: 'ErrorAction', required: false, isSwitch: false, positional: false };

/** In this order: optional by position, by position, optional, switch, required. */
const FORMS = /\[\[-(\w+)\] <[^>]+>\]|\[-(\w+)\] <[^>]+>|\[-(\w+) <[^>]+>\]|\[-(\w+)\]|-(\w+) <[^>]+>/g;

export function parseSyntax(line: string): ParameterSet {
  if (line.replaceAll(FORMS, '').trim() !== '') throw new Error(`no syntax of a command: ${line}`);
  const parameters = [...line.matchAll(FORMS)].map(
    ([, optionalAt, at, optional, isSwitch, named]): Parameter => ({
      name: optionalAt ?? at ?? optional ?? isSwitch ?? named ?? '',
      required: at !== undefined || named !== undefined,
      isSwitch: isSwitch !== undefined,
      positional: at !== undefined || optionalAt !== undefined,
    }),
  );
  return [...parameters, COMMON];
}
