/** From `--reporter` to a bus of reporters, with what this terminal is like. */
import { createBus, type ReporterBus } from '../../reporters/bus.ts';
import type { JUnitSettings } from '../../reporters/junit/settings.ts';
import { openReporter, parseReporter } from '../../reporters/registry.ts';
import type { ReporterContext } from '../../reporters/reporter.ts';
import { canDrawOn } from '../../reporters/terminal/look.ts';

/** What is reported unless `--reporter` says otherwise. CI systems give some jobs a terminal that nobody watches. */
export function usualReporters(stdout: NodeJS.WritableStream, env: NodeJS.ProcessEnv): string[] {
  const watched = canDrawOn(stdout, env) && !env['CI'];
  // GitHub comes first: what the others print stands between its fences.
  return [
    ...(env['GITHUB_ACTIONS'] === 'true' ? ['github'] : []),
    watched ? 'terminal' : 'plain',
    'junit',
    'json',
    'html',
  ];
}

export async function createReporters(
  wanted: readonly string[],
  options: { output: string; color: boolean; junit: JUnitSettings },
): Promise<ReporterBus> {
  const context: Omit<ReporterContext, 'path'> = {
    output: options.output,
    stdout: process.stdout,
    stderr: process.stderr,
    color: options.color && wantsColor(),
    junit: options.junit,
    ...(process.stdout.columns ? { columns: process.stdout.columns } : {}),
  };
  const requests = (wanted.length > 0 ? wanted : usualReporters(process.stdout, process.env)).map(
    parseReporter,
  );
  const reporters = await Promise.all(requests.map((request) => openReporter(request, context)));
  return createBus(reporters, (name, error) => {
    process.stderr.write(`vmtest: reporter ${name} broke and was switched off: ${error.message}\n`);
  });
}

/** https://no-color.org, https://force-color.org, and a terminal that can. */
function wantsColor(): boolean {
  if (process.env['NO_COLOR']) return false;
  if (process.env['FORCE_COLOR']) return process.env['FORCE_COLOR'] !== '0';
  return process.stdout.isTTY === true && process.env['TERM'] !== 'dumb';
}
