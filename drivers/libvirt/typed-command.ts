/**
 * A command that `virsh` reads from its stdin, as a person types it: the words of a program can be read by everybody on the host.
 * It reads with GNU readline, which costs some 3 µs a byte, obeys the user's `.inputrc`, and keeps a history in a file.
 */
import type { ExecResult } from '../../src/host/exec.ts';
import type { AgentContext } from '../vm/control.ts';
import { tryVirsh, type VirshOptions } from './virsh.ts';

/** What stands before an answer when `virsh` does not echo what it reads. */
const ANSWER = /^(?:virsh [#>] )?(\{.*\})[ \t]*$/m;

/**
 * For commands that answer with a line of JSON: all that `stdout` has then. Typed commands leave no exit code, so one without such an
 * answer has failed.
 * @param words without blanks and quotes.
 * @param json the last word.
 * @param context its folder gets the history, which is empty.
 */
export async function tryTyped(
  words: readonly [string, ...string[]],
  json: object,
  context: AgentContext,
  options: VirshOptions,
): Promise<ExecResult> {
  const ended = await tryVirsh([], context, {
    ...options,
    name: `virsh ${words[0]}`,
    input: `${words.join(' ')} '${plain(json)}'\n`,
    env: {
      // A history of no commands would replace that of the user.
      ...{ VIRSH_HISTSIZE: '0', XDG_CACHE_HOME: context.folder },
      ...{ INPUTRC: '/dev/null', TERM: 'dumb' },
    },
  });
  const [, answer] = ANSWER.exec(ended.stdout) ?? [];
  return answer === undefined ? { ...ended, exitCode: ended.exitCode || 1 } : { ...ended, stdout: answer };
}

/** Nothing that ends the quotes, and no byte that readline takes for a key. */
function plain(json: object): string {
  return JSON.stringify(json).replace(
    /['\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
