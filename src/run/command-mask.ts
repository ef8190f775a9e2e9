/** Makes commands fit to be seen: some vendors' tools take passwords nowhere but on their command line. */
import type { BaseTarget } from '../../matrix/model.ts';
import { isSecretKey } from '../../matrix/secrets.ts';
import type { Argv, ExecResult, ToldCommand } from '../host/exec.ts';
import { MASK, type Redactor } from '../results/redact.ts';
import { cleanLine, cleanText } from '../results/sanitize.ts';

export type CommandMask = (command: ToldCommand) => ToldCommand;

/**
 * Besides what is masked everywhere, a whole word (or what follows its `=`) that is a password of the target. Those that
 * stand in the matrix file itself are rarely secrets, but nobody wants to see them in a log that he sends to others.
 * Control characters are made visible.
 */
export function commandMask({ redact }: Pick<Redactor, 'redact'>, target?: BaseTarget): CommandMask {
  const passwords = new Set(target ? [...passwordsIn(target.guest), ...passwordsIn(target.options)] : []);
  const maskWord = (word: string): string => {
    if (passwords.has(word)) return MASK;
    const value = word.slice(word.indexOf('=') + 1);
    return passwords.has(value) ? redact(word.slice(0, -value.length)) + MASK : redact(word);
  };
  return ({ argv, result, ...rest }) => ({
    ...rest,
    argv: argv.map((word) => cleanLine(maskWord(word))) as unknown as Argv,
    ...(result ? { result: maskedResult(result, redact) } : {}),
  });
}

/** When it is read: nearly all outputs are not, and files come out of guests this way, megabytes at a time. */
function maskedResult({ exitCode, signal, ...said }: ExecResult, redact: Redactor['redact']): ExecResult {
  return {
    exitCode,
    signal,
    get stdout() {
      return cleanText(redact(said.stdout));
    },
    get stderr() {
      return cleanText(redact(said.stderr));
    },
  };
}

/** `guest.key` is the name of a file. */
function passwordsIn(settings: object): string[] {
  return Object.entries(settings).flatMap(([name, value]) =>
    typeof value === 'string' && value !== '' && name !== 'key' && isSecretKey(name) ? [value] : [],
  );
}
