/** Runs one of the scripts in `scripts/`. Everything that a script is told is data on its stdin. */
import { fileURLToPath } from 'node:url';
import { plainStderr } from '../../src/guest/windows/clixml.ts';
import type { Host } from '../../src/host/host.ts';
import { packageFile } from '../../src/host/this-package.ts';
import { parseAnswer } from './answer.ts';
import { fits, type Script } from './answer-shapes.ts';
import { explain, explainSilence } from './errors.ts';
import { shellPath } from './shell.ts';

export interface ScriptRun {
  host: Pick<Host, 'exec'>;
  signal: AbortSignal;
  /** For errors: "starting the VM". */
  doing: string;
  /** Of failures that nobody knows. */
  code: string;
  /** Milliseconds. */
  timeout: number;
}

const FLAGS = ['-NoLogo', '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File'];

/**
 * What the script answers, in the shape that `answer-shapes.ts` knows.
 * @throws VmtestError what the script reports, or that it gave no answer; `COMMAND_NOT_FOUND`, `TIMEOUT`.
 */
export async function runScript(script: Script, request: object, run: ScriptRun): Promise<unknown> {
  const { host, signal, doing, code, timeout } = run;
  const shell = shellPath(process.platform, process.arch, process.env);
  const file = fileURLToPath(packageFile(`drivers/hyperv/scripts/${script}.ps1`));
  const input = encodeRequest(request);
  const ended = await host.exec([shell, ...FLAGS, file], {
    ...{ input, timeout, signal },
    name: `PowerShell (${script}.ps1)`,
  });
  const answer = parseAnswer(ended.stdout);
  if (answer.kind === 'output' && fits(script, answer.value)) return answer.value;
  if (answer.kind === 'error') throw explain(answer.error, { doing, code });
  throw explainSilence({ ...ended, stderr: plainStderr(ended.stderr) }, { doing, code });
}

/** ASCII, since the code page in which PowerShell reads its stdin is the system's own. */
export function encodeRequest(request: object): string {
  return JSON.stringify(request).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** For texts of people: see `ConvertFrom-Base64Text` in `common.ps1`. */
export function base64Text(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
