/** vmrun of VMware Workstation 17, as far as vmtest uses it. See faults.ts for what can be switched on. */
import { parseCommandLine } from './command-line.ts';
import { dispatch } from './dispatch.ts';
import { Failure, Question } from './failure.ts';
import { hasFault } from './faults.ts';
import { noticeChanges } from './machines.ts';
import { USAGE } from './usage.ts';

const FAILED = 255;
const FOR_EVER_MS = 3_600_000;

async function main(): Promise<number> {
  const commandLine = parseCommandLine(process.argv.slice(2));
  if (!commandLine) {
    process.stdout.write(USAGE);
    return FAILED;
  }
  try {
    await noticeChanges();
    const { text, exitCode } = await dispatch(commandLine);
    process.stdout.write(text);
    return exitCode;
  } catch (error) {
    if (error instanceof Question) await new Promise((resolve) => setTimeout(resolve, FOR_EVER_MS));
    process.stdout.write(`${error instanceof Failure ? error.line : 'Error: Unknown error'}\n`);
    if (!(error instanceof Failure)) process.stderr.write(`${error}\n`);
    return hasFault('quiet-failures') ? 0 : FAILED;
  }
}

process.exitCode = await main();
