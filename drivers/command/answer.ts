/** What a program said at the end of a verb, held to the protocol: an answer, or an error that says what was wrong with it. */
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { VmtestError } from '../../src/host/errors.ts';
import { type Answer, type AnsweringVerb, answerSchemas, failureSchema } from './protocol.ts';
import { MOST_ANSWER, type Ran } from './run-program.ts';

const LONGEST_SHOWN = 200;

const ajv = new Ajv({ strictTypes: false, strictRequired: false });
const checks = new Map<object, ValidateFunction>();

/**
 * @param shown the program as people would call it: `./engine.sh status`.
 * @throws VmtestError `COMMAND_ANSWER` for what is no answer; `COMMAND_KILLED`; for a failure the program's own code, or
 * `COMMAND_FAILED`.
 */
export function readAnswer<V extends AnsweringVerb>(verb: V, shown: string, ran: Ran): Answer<V> {
  if (ran.tooMuch) throw noAnswer(verb, shown, `answered with more than ${MOST_ANSWER} bytes`, ran);
  if (ran.signal !== undefined) throw killed(shown, ran);
  const parsed = parse(ran.stdout);
  if (ran.exitCode !== 0) throw failure(shown, parsed, ran);
  if ('wrong' in parsed) throw noAnswer(verb, shown, parsed.wrong, ran);
  const wrong = violation(answerSchemas[verb], parsed.value);
  if (wrong !== undefined) throw noAnswer(verb, shown, `answered ${showBytes(ran.stdout)}: ${wrong}`, ran);
  return parsed.value as Answer<V>;
}

type Parsed = { value: unknown } | { wrong: string };

/** Nothing at all is an answer without keys: many verbs have nothing to say. */
function parse(stdout: Buffer): Parsed {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(stdout).trim();
  } catch {
    return { wrong: `answered with bytes that are not UTF-8: ${showBytes(stdout)}` };
  }
  try {
    return { value: text === '' ? {} : JSON.parse(text) };
  } catch (error) {
    const lines = text.split('\n').length;
    const which = lines > 1 ? `${lines} lines that are not one JSON object` : 'something that is not JSON';
    return { wrong: `answered with ${which} (${(error as Error).message}): ${showBytes(stdout)}` };
  }
}

function violation(schema: object, value: unknown): string | undefined {
  const check = checks.get(schema) ?? ajv.compile(schema);
  checks.set(schema, check);
  if (check(value)) return undefined;
  return inWords(check.errors?.at(-1));
}

function inWords(error: ErrorObject | undefined): string {
  if (!error) return 'it does not fit the protocol';
  const { keyword, params, instancePath, message = 'does not fit' } = error;
  const where = instancePath === '' ? 'the answer' : `\`${instancePath.slice(1).replaceAll('/', '.')}\``;
  if (keyword === 'additionalProperties')
    return `${where} has an unknown key \`${params['additionalProperty']}\``;
  if (keyword === 'enum')
    return `${where} must be one of ${(params['allowedValues'] as string[]).join(', ')}`;
  if (keyword === 'anyOf') return '`port` goes with a `host`';
  return `${where} ${message}`;
}

function noAnswer(verb: AnsweringVerb, shown: string, what: string, { stderr }: Ran): VmtestError {
  const examples = answerSchemas[verb].examples.map((example) => JSON.stringify(example)).join(' or ');
  return new VmtestError('COMMAND_ANSWER', `${shown} ${what}`, {
    hint: `Only the answer goes to stdout, one JSON object such as ${examples}; all else goes to stderr. See docs/engines/command.md.`,
    ...details(stderr),
  });
}

function killed(shown: string, { signal, stderr }: Ran): VmtestError {
  return new VmtestError('COMMAND_KILLED', `${shown} was ended by ${signal}`, {
    hint: 'By a person, or for want of memory: dmesg | grep -i "killed process"',
    retryable: true,
    ...details(stderr),
  });
}

function failure(shown: string, parsed: Parsed, { exitCode, stdout, stderr }: Ran): VmtestError {
  const told = 'value' in parsed && violation(failureSchema, parsed.value) === undefined;
  if (told) {
    const { code = 'COMMAND_FAILED', message, hint, retryable = false } = parsed.value as Failure;
    return new VmtestError(code, message, {
      ...(hint === undefined ? {} : { hint }),
      retryable,
      ...details(stderr),
    });
  }
  const last = stderr.trim().split('\n').at(-1)?.trim();
  return new VmtestError('COMMAND_FAILED', `${shown} failed with ${exitCode}: ${last || 'it said nothing'}`, {
    hint: 'A program that fails may tell why on stdout: {"message":"…","hint":"…","retryable":true}',
    ...details([stderr, stdout.toString()].join('\n').trim()),
  });
}

interface Failure {
  code?: string;
  message: string;
  hint?: string;
  retryable?: boolean;
}

function details(text: string): { details?: string } {
  return text.trim() === '' ? {} : { details: text };
}

function showBytes(bytes: Buffer): string {
  const text = bytes.toString().trim();
  if (text === '') return 'nothing';
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}
