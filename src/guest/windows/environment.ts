/** A command's environment in a Windows guest. */
import { VmtestError } from '../../host/errors.ts';
import { type RequestValue, Text } from './script.ts';

/** Windows: a variable's value with its end. In UTF-16 units. */
const MOST_UNITS = 32_767;

/** @throws VmtestError `GUEST_ENV_INVALID`, `GUEST_ENV_TOO_LONG` */
export function windowsEnvironment(env: Readonly<Record<string, string>>): RequestValue[] {
  const taken = new Map<string, string>();
  return Object.entries(env).map(([name, value]) => {
    check(name, value, taken.get(name.toLowerCase()));
    taken.set(name.toLowerCase(), name);
    return { name: new Text(name), value: new Text(value), path: name.toLowerCase() === 'path' };
  });
}

function check(name: string, value: string, other: string | undefined): void {
  if (name === '' || name.includes('=') || `${name}${value}`.includes('\0')) {
    throw invalid(`${JSON.stringify(name)} cannot be a variable in a Windows guest`);
  }
  if (other !== undefined) throw invalid(`only case tells the variables ${other} and ${name} apart`);
  if (name.length + value.length + 2 <= MOST_UNITS) return;
  throw new VmtestError(
    'GUEST_ENV_TOO_LONG',
    `the variable ${name} has ${value.length} characters; Windows takes ${MOST_UNITS} with its name`,
    { hint: 'Put long material into a file that is uploaded.' },
  );
}

function invalid(message: string): VmtestError {
  return new VmtestError('GUEST_ENV_INVALID', message, {
    hint: 'Names under `env` may not be empty or contain `=`, nothing may contain NUL, and Windows does not tell case apart.',
  });
}
