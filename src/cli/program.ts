/** The command line: every command with its options and help; each command's work is in a file of its own. */
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { parseTimeSpan, respellAmount, SPAN_FORMS } from '../../matrix/units.ts';
import { REPORTERS } from '../../reporters/registry.ts';
import { version } from '../host/this-package.ts';
import { SHELLS } from './completion/scripts.ts';
import { EXIT } from './exit-codes.ts';
import { addJUnitOptions } from './junit-options.ts';
import { printError } from './print-error.ts';

/** Runs one command line and answers with its exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let exitCode: number = EXIT.passed;
  const program = createProgram((code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.passed : EXIT.usage;
    return printError(error);
  }
  return exitCode;
}

/** @param done told the exit code of the command that ran. */
export function createProgram(done: (exitCode: number) => void): Command {
  const program = new Command('vmtest')
    .description('Runs one test command on every system you promised, each time from a clean machine.')
    .version(version(), '-V, --version')
    .option('-v, --verbose', 'tell what is done on the host, on stderr')
    .option('--no-color', 'no colours (also: NO_COLOR in the environment)')
    .exitOverride()
    .showSuggestionAfterError(true)
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', PROGRAM_HELP);

  const run = addSelection(program.command('run'))
    .description('run the cells of a matrix file')
    .option('--jobs <n>', 'at most n cells at once (default: as many as cores and memory allow)', count)
    .option('--retries <n>', 'further tries after a failed test, each from a clean machine', countFromZero)
    .option(
      '--timeout <span>',
      'end the whole run after so long, as 45m: what runs or waits is cancelled',
      timeSpan,
    )
    .option('--fail-fast', 'stop all other cells after the first failure (default: go on)')
    .option('--repeat <n>', 'run every cell n times', count, 1)
    .option('--seed <text>', 'order the cells by chance, from this seed (default: longest expected first)')
    .addOption(reporterOption())
    .option('-o, --output <dir>', 'folder for everything that the run writes', 'vmtest-results')
    .addOption(
      new Option('--keep <when>', 'leave machines running, to look at them')
        .choices(['never', 'on-failure', 'always'])
        .default('never'),
    )
    .option('--dry-run', 'check everything, show what would run, start nothing')
    .addOption(recordOption());
  addJUnitOptions(run, count)
    .addHelpText('after', RUN_HELP)
    .action(async (file, selectors, options, command) => {
      const { runCommand } = await import('./run.ts');
      done(await runCommand({ file, selectors, ...options, ...command.optsWithGlobals() }));
    });

  addSelection(program.command('list'))
    .description('list the cells of a matrix file')
    .option('--json', 'as JSON')
    .option('--github', 'as a `strategy.matrix` object for GitHub Actions’ fromJSON')
    .action(async (file, selectors, options) => {
      const { listCommand } = await import('./list.ts');
      done(await listCommand({ file, selectors, ...options }));
    });

  program
    .command('validate')
    .description('show every problem of a matrix file; silent and 0 when there is none')
    .argument('[file]', FILE_HELP)
    .action(async (file) => {
      const { validateCommand } = await import('./validate.ts');
      done(await validateCommand({ file }));
    });

  program
    .command('doctor')
    .description('what this host can run; with a file also: can it run these targets')
    .argument('[file]', 'a matrix file')
    .option('--json', 'as JSON')
    .addOption(recordOption())
    .action(async (file, options, command) => {
      const { doctorCommand } = await import('./doctor.ts');
      done(await doctorCommand({ file, ...options, ...command.optsWithGlobals() }));
    });

  const report = program
    .command('report')
    .description('merge results of shards, folders and other programs, and report them again')
    .argument('[path...]', REPORT_PATH_HELP)
    .addOption(
      new Option('--cell <name=file>', 'a result file of another program, and its cell; may be given again')
        .argParser(append)
        .default([], 'none'),
    )
    .option('--expect <file>', 'a matrix file: each of its cells must be there')
    .option('--baseline <path>', 'results of an earlier run: tell what changed since')
    .addOption(reporterOption())
    .option('-o, --output <dir>', 'folder for what is written (default: the folder read, or vmtest-results)');
  addJUnitOptions(report, count)
    .addHelpText('after', REPORT_HELP)
    .action(async (paths, options, command) => {
      const { reportCommand } = await import('./report.ts');
      done(await reportCommand({ paths, ...options, ...command.optsWithGlobals() }));
    });

  program
    .command('clean')
    .description(
      'take away what dead runs left: machines, disks, sockets, locks; also machines kept by --keep',
    )
    .option('--dry-run', 'only say what would be taken away')
    .action(async (options, command) => {
      const { cleanCommand } = await import('./clean.ts');
      done(await cleanCommand({ ...options, ...command.optsWithGlobals() }));
    });

  program
    .command('init')
    .description('write a matrix file that runs on this host, every line explained')
    .argument('[file]', 'where to write it', 'matrix.yml')
    .option(
      '--example [dir]',
      'write a whole example instead (default: vmtest-example): machines, tests, matrix',
    )
    .option('--force', 'write over files that are there')
    .action(async (file, options) => {
      const { initCommand } = await import('./init/command.ts');
      done(await initCommand({ file, ...options }));
    });

  program
    .command('completion')
    .description('print the script that makes a shell complete commands, options and cells')
    .addArgument(new Argument('<shell>').choices(SHELLS))
    .addHelpText('after', COMPLETION_HELP)
    .action(async (shell) => {
      const { completionCommand } = await import('./completion/command.ts');
      done(completionCommand(shell));
    });

  program
    .command('complete', { hidden: true })
    .argument('[word...]')
    .action(async (words) => {
      const { completeCommand } = await import('./completion/command.ts');
      done(await completeCommand(program, words));
    });

  return program;
}

const FILE_HELP = 'the matrix file (default: vmtest.yml or matrix.yml in this folder)';

const REPORT_PATH_HELP =
  'output folders, folders of such, results.json, events.ndjson, foreign result files (default: vmtest-results)';

/** What `run` and `list` share: the file, and which of its cells. */
function addSelection(command: Command): Command {
  return command
    .argument('[file]', FILE_HELP)
    .argument('[selector...]', 'cell ids, their beginnings, globs, axis=value; !selector leaves cells out')
    .option('--shard <i/n>', 'only the i-th of n equal parts of the cells')
    .option('--last-failed', 'only the cells that did not pass in the last run');
}

/** Completion knows by the name of its argument that it is a file. */
function recordOption(): Option {
  return new Option(
    '--record <file>',
    'write down what the engines were asked and what they answered, as NDJSON',
  );
}

/** The names are for help and completion; a path or `name=path` is as good. */
function reporterOption(): Option {
  const option = new Option(
    '-r, --reporter <name[=path]>',
    'a report, or a module of your own by its path; may be given again',
  )
    .argParser(append)
    .default([], 'terminal or plain, junit, json, html');
  option.argChoices = Object.keys(REPORTERS);
  return option;
}

function count(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new InvalidArgumentError('It must be a whole number from 1.');
}

function timeSpan(text: string): number {
  const ms = parseTimeSpan(text);
  if (ms !== undefined) return ms;
  const respelled = respellAmount(text, 'time-span');
  throw new InvalidArgumentError(
    `It must be a time span such as ${SPAN_FORMS}.${respelled === undefined ? '' : ` Did you mean ${respelled}?`}`,
  );
}

function countFromZero(text: string): number {
  return text === '0' ? 0 : count(text);
}

function append(text: string, before: string[]): string[] {
  return [...before, text];
}

const PROGRAM_HELP = `
Examples:
  vmtest init                        write matrix.yml
  vmtest run                         run all its cells
  vmtest run matrix.yml debian-12    only the cells of one target
  vmtest doctor matrix.yml           what is missing here, and how to get it

Exit codes:
  0  all cells passed (or were allowed to fail)
  1  a test failed
  2  wrong usage, or a matrix file with problems
  3  no test failed, but something could not be run
  4  nothing was selected
  130  interrupted`;

const COMPLETION_HELP = `
To switch it on:
  bash  echo 'eval "$(vmtest completion bash)"' >> ~/.bashrc
  zsh   echo 'eval "$(vmtest completion zsh)"' >> ~/.zshrc     (after compinit)
  fish  vmtest completion fish > ~/.config/fish/completions/vmtest.fish`;

const REPORT_HELP = `
Examples:
  vmtest report                                   the reports of ./vmtest-results again
  vmtest report shards/*                          the shards of a run as one
  vmtest report cells --expect matrix.yml         what jobs of one cell each left, and none forgotten
  vmtest report -r github                         only the annotations and the job summary
  vmtest report vmtest-results --cell macos-15=build/junit.xml
                                                  a system that was tested elsewhere
  vmtest report --baseline main/ vmtest-results   what changed

The exit code is that of the whole, as if one run had made it; 3 also when a shard is missing, or an input could not
be read. Such gaps are cells of their own, in error, in every report.`;

const RUN_HELP = `
Examples:
  vmtest run                                     all cells of ./vmtest.yml or ./matrix.yml
  vmtest run matrix.yml debian-12/node=22        one cell
  vmtest run matrix.yml 'debian-*' node=22       a glob, and only that axis value
  vmtest run --last-failed                       what did not pass last time
  vmtest run --shard 1/3                         the first third, for the first of three hosts
  vmtest run -r junit=build/junit.xml -r plain   choose the reports
  vmtest run --keep on-failure                   leave failed machines running; says how to get in

As in GitHub Actions, but: fail-fast is off unless asked for.`;
