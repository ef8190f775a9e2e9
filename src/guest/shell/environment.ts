/**
 * A command's environment: as words for `env`, which takes any name and any value unchanged. A shell's `export` would
 * not: it refuses names such as `FOO.BAR`, and variables of its own such as `UID`. But it costs no program, so vmtest's
 * own variables go that way.
 */
import { VmtestError } from '../../host/errors.ts';
import { quotePosix } from './quote.ts';

/** Linux, `MAX_ARG_STRLEN`: one `NAME=value` with its NUL takes at most 32 pages. */
const MAX_VARIABLE_BYTES = 32 * 4096 - 1;
/** What one program start carries at most: macOS' `ARG_MAX` is 1 MiB, and the guest's own variables need a little. */
const MAX_TOTAL_BYTES = 960 * 1024;

/** Names that mean nothing to any shell. */
const OURS = /^(?:CI|VMTEST_\w+)$/;

export interface Environment {
  /** Shell words for `export`. */
  exported: string[];
  /** Shell words for `env`. */
  words: string[];
}

/** @throws VmtestError `GUEST_ENV_INVALID`, `GUEST_ENV_TOO_LONG` */
export function shellEnvironment(env: Readonly<Record<string, string>>): Environment {
  const variables = Object.entries(env).map(([name, value]) => {
    checkName(name);
    return { name, text: `${name}=${value}`, bytes: Buffer.byteLength(name) + Buffer.byteLength(value) + 1 };
  });
  for (const { name, bytes } of variables) {
    if (bytes > MAX_VARIABLE_BYTES)
      throw tooLong(`the variable ${name} has ${bytes} bytes`, MAX_VARIABLE_BYTES);
  }
  const total = variables.reduce((sum, { bytes }) => sum + bytes + 1, 0);
  if (total > MAX_TOTAL_BYTES) throw tooLong(`all variables together have ${total} bytes`, MAX_TOTAL_BYTES);
  const isOurs = ({ name }: { name: string }) => OURS.test(name);
  return {
    exported: variables
      .filter(isOurs)
      .map(({ name, text }) => `${name}=${quotePosix(text.slice(name.length + 1))}`),
    words: variables.filter((variable) => !isOurs(variable)).map(({ text }) => quotePosix(text)),
  };
}

function checkName(name: string): void {
  // A leading dash would be an option to `env`.
  if (name !== '' && !name.includes('=') && !name.startsWith('-')) return;
  throw new VmtestError('GUEST_ENV_INVALID', `${JSON.stringify(name)} cannot be the name of a variable`, {
    hint: 'Names under `env` may not be empty, start with `-` or contain `=`.',
  });
}

function tooLong(what: string, most: number): VmtestError {
  return new VmtestError('GUEST_ENV_TOO_LONG', `${what}; a program can be given ${most}`, {
    hint: 'Put long material into a file that is uploaded.',
  });
}
