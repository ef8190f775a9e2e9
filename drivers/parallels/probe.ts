/** Is Parallels Desktop on this host, and does its edition have a command line? */
import { toVmtestError } from '../../src/host/errors.ts';
import type { DriverContext, Probe } from '../driver.ts';
import { explain, hasCode } from './errors.ts';
import { parseJson } from './json.ts';
import { findPrlctl, run } from './programs.ts';

const SCRIPTABLE = ['pro', 'business', 'enterprise', 'any'];
const LICENSE_MS = 10_000;

export async function probeParallels(context: DriverContext): Promise<Probe> {
  try {
    const { folder, version } = await findPrlctl(context);
    const where = `prlctl ${version}${folder === '' ? '' : ` in ${folder}`}`;
    const license = await run(context, 'prlsrvctl', ['info', '--license', '--json'], LICENSE_MS);
    if (license.exitCode !== 0) {
      throw explain(license.stderr || license.stdout, {
        doing: 'asking for the license',
        code: 'PARALLELS_LICENSE',
        hint: 'Open Parallels Desktop and look at its account and license.',
      });
    }
    const edition = editionIn(license.stdout);
    const known = { version, findings: [where, `edition: ${edition ?? 'not told'}`] };
    if (edition === undefined || SCRIPTABLE.includes(edition))
      return { available: true, ...known, fixes: [] };
    const fixes = ['The command line needs the Pro, Business or Enterprise edition of Parallels Desktop.'];
    return { available: false, ...known, fixes };
  } catch (thrown) {
    context.signal.throwIfAborted();
    const { message, hint } = toVmtestError(thrown);
    const elsewhere = process.platform !== 'darwin' && hasCode(thrown, 'PARALLELS_MISSING');
    return {
      available: false,
      findings: [elsewhere ? 'Parallels Desktop runs on Macs only' : message],
      fixes: elsewhere || hint === undefined ? [] : [hint],
    };
  }
}

/** @param output of `prlsrvctl info --license --json` */
function editionIn(output: string): string | undefined {
  const { edition } = (parseJson(output, 'prlsrvctl info') ?? {}) as { edition?: unknown };
  return typeof edition === 'string' ? edition.toLowerCase() : undefined;
}
