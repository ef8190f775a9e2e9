/** A host whose `virsh` gives recorded answers. A command that nobody recorded fails the test. */
import type { AgentContext } from '../../drivers/vm/control.ts';
import { createHost } from '../../src/host/create-host.ts';
import type { ExecOptions, ExecResult } from '../../src/host/exec.ts';
import { targetOf } from './targets.ts';

/** As `pool-list` of libvirt 9.0 prints it, where it is not told to be quiet. */
export function poolTable(...names: string[]): string {
  const width = Math.max(4, ...names.map((name) => name.length));
  const rows = names.map((name) => ` ${name.padEnd(width)}   active   yes\n`).join('');
  const head = ` ${'Name'.padEnd(width)}   State    Autostart`;
  return `${head}\n${'-'.repeat(head.length + 2)}\n${rows}\n`;
}

/** As much of `pool-dumpxml` as anybody looks at. */
export function poolXml(folder: string, uuid = 'uuid-0'): string {
  const escaped = folder.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<pool type='dir'><uuid>${uuid}</uuid><target><path>${escaped}</path></target></pool>\n`;
}

/** Standard output, or a failure's standard error, or what `exec` itself throws. */
export type Answer = string | { stderr: string } | Error;

export interface VirshAnswers {
  context: AgentContext;
  /** What was asked, without what all commands begin with. */
  asked: string[];
}

/** @param answers by the command's words, joined by spaces, and `<` with what it reads; `--quiet` is left out. */
export function virshAnswers(
  answers: Readonly<Record<string, Answer>>,
  uri = 'qemu:///system',
): VirshAnswers {
  const asked: string[] = [];
  const always = ['virsh', '--connect', uri, ''].join(' ');
  const exec = async (argv: readonly string[], { input }: ExecOptions = {}): Promise<ExecResult> => {
    const all = [...argv, ...(input === undefined ? [] : [`< ${input}`])].join(' ');
    const command = all.startsWith(always) ? all.slice(always.length).replace(/^--quiet /, '') : all;
    asked.push(command);
    const answer = answers[command];
    if (answer === undefined) throw new Error(`nobody recorded \`${command}\``);
    if (answer instanceof Error) throw answer;
    const failed = typeof answer !== 'string';
    return {
      exitCode: failed ? 1 : 0,
      signal: undefined,
      stdout: failed ? '' : answer,
      stderr: failed ? answer.stderr : '',
    };
  };
  const context = {
    host: { ...createHost(), exec },
    target: targetOf('libvirt', { uri }),
    signal: new AbortController().signal,
    folder: '/nowhere',
  };
  return { context, asked };
}
