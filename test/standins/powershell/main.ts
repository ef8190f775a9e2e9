/**
 * `pwsh` (and `powershell.exe`): runs script files as far as they keep to the subset that the driver's own keep to, with
 * the Hyper-V module. Takes the one command line that the driver may use.
 */
import { core } from './cmdlets/core.ts';
import { json } from './cmdlets/json.ts';
import { system } from './cmdlets/system.ts';
import { hasFault } from './faults.ts';
import { cimCmdlets } from './hyperv/cim.ts';
import { hypervCmdlets } from './hyperv/cmdlets.ts';
import { directCmdlets } from './hyperv/direct.ts';
import { ParseError } from './language/source.ts';
import { Exit, NotInSubset, PsError } from './runtime/errors.ts';
import { Interpreter } from './runtime/interpreter.ts';
import { Scope } from './runtime/scope.ts';
import { PsObject } from './runtime/values.ts';

const FLAGS = ['-NoLogo', '-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-File'];
/** What PowerShell itself answers to a command line that it does not understand. */
const BAD_COMMAND_LINE = 64;

async function main(argv: string[]): Promise<number> {
  const [file, ...rest] = argv.slice(FLAGS.length);
  if (FLAGS.some((flag, at) => argv[at] !== flag) || file === undefined || rest.length > 0) {
    process.stderr.write(`The argument '${argv[0] ?? ''}' is not recognized.\n`);
    return BAD_COMMAND_LINE;
  }
  if (hasFault('hangs')) await new Promise((resolve) => setTimeout(resolve, 600_000));
  if (hasFault('forbidden')) {
    process.stderr.write(
      `File ${file} cannot be loaded because running scripts is disabled on this system.\n` +
        '    + CategoryInfo          : SecurityError: (:) [], ParentContainsErrorRecordException\n' +
        '    + FullyQualifiedErrorId : UnauthorizedAccess\n',
    );
    return 1;
  }
  if (hasFault('noise'))
    process.stdout.write('\uFEFFWARNING: The names of some imported commands…\r\n{"answer":1}\r\n');
  const scope = new Scope();
  scope.set('PSVersionTable', new PsObject('PSVersionTable', { PSVersion: '7.4.6' }));
  await new Interpreter([
    ...core,
    ...json,
    ...system,
    ...hypervCmdlets(),
    ...cimCmdlets(),
    ...directCmdlets,
  ]).runFile(file, scope);
  return 0;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (error instanceof Exit) process.exitCode = error.code;
    else {
      const kind =
        error instanceof ParseError || error instanceof NotInSubset
          ? 'ParserError'
          : error instanceof PsError
            ? error.id
            : 'a fault of the stand-in';
      process.stderr.write(
        `${kind}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      );
      process.exitCode = 1;
    }
  },
);
