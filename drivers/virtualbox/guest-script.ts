/**
 * Wraps a program for guestcontrol: it has no stdin, turns exit codes into others (1 to 93 come out as 33 to 125, all
 * beyond as 126), and has been seen to lose the end of an output. A shell around the program prints its code behind each
 * of its outputs, so that it is known exactly, and so is that nothing is missing before it.
 */
import type { AgentPoll } from '../../src/guest/channel.ts';

type Exited = Extract<AgentPoll, { exited: true }>;

/** @param mark occurs in no output by chance. */
export function wrapProgram(argv: readonly string[], mark: string): string[] {
  const script = [
    '"$@" </dev/null',
    `code=$?`,
    `printf '\\n${mark} %s\\n' "$code"`,
    `printf '\\n${mark} %s\\n' "$code" >&2`,
  ];
  return ['/bin/sh', '-c', script.join('\n'), 'sh', ...argv];
}

/** Undefined when the end of an output did not come out. */
export function unwrapOutput(stdout: string, stderr: string, mark: string): Exited | undefined {
  const out = beforeMark(stdout, mark);
  const err = beforeMark(stderr, mark);
  if (!out || !err) return undefined;
  const said = err.text.replace(/^VBoxManage(?:\.exe)?: (?:warning|info): [^\n]*\n?/gm, '');
  return {
    exited: true,
    exitCode: out.code,
    stdout: Buffer.from(out.text),
    stderr: Buffer.from(said),
    truncated: false,
  };
}

function beforeMark(text: string, mark: string): { text: string; code: number } | undefined {
  const at = text.lastIndexOf(`\n${mark} `);
  const code = /^(\d+)\r?\n/.exec(text.slice(at + mark.length + 2))?.[1];
  return at < 0 || code === undefined ? undefined : { text: text.slice(0, at), code: Number(code) };
}
