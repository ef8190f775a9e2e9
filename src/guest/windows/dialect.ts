/** Windows guests: everything is a script for PowerShell. */
import { VmtestError } from '../../host/errors.ts';
import type { Dialect } from '../dialect.ts';
import { type Captured, showExit } from '../transport.ts';
import { plainStderr } from './clixml.ts';
import { windowsEnvironment } from './environment.ts';
import { windowsInterpreter } from './interpreters.ts';
import { type Scripts, Text } from './script.ts';
import { framesOf, namesOf, tarOfFrames } from './tree-frames.ts';

/** PowerShell alone may take seconds to start. */
const PATIENCE_MS = 5_000;

export function windowsDialect(folder: string, scripts: Scripts): Dialect {
  return {
    killMs: PATIENCE_MS,
    tidyMs: PATIENCE_MS,
    path: (name) => `${folder}\\${name}`,
    clock: () => scripts('clock', { time: Date.now() }),
    checkClock: ({ exitCode }) => {
      if (exitCode !== 0) throw clockError();
    },
    command: (command, base, secret) => {
      const { programs, extension, args, wrap } = windowsInterpreter(command.shell);
      const file = `${base}.script${extension}`;
      return scripts('run', {
        folder,
        base,
        file,
        secret,
        cwd: folderText(command.cwd),
        script: new Text(wrap(command.script)),
        programs: programs.map((program) => new Text(program)),
        arguments: new Text(args(file)),
        env: windowsEnvironment(command.env),
      });
    },
    // No way into Windows finds a script too long.
    fromStdin: () => '',
    kill: (base) => scripts('kill', { base }),
    unpack: (tar, to) => ({ script: scripts('unpack', { folder: folderText(to) }), input: framesOf(tar) }),
    checkUnpacked: (captured, to) => {
      const hint = 'Is there room on its disk, may its user write there, and does Windows allow these names?';
      check(captured, 'GUEST_UPLOAD_FAILED', `the upload could not be unpacked into ${to}`, hint);
    },
    list: (from) => scripts('list', { folder: folderText(from) }),
    parseList: (captured, from) => {
      check(captured, 'GUEST_LIST_FAILED', `the files in ${from} could not be listed`);
      return captured.stdout
        .toString()
        .split('\0')
        .filter((name) => name !== '');
    },
    pack: (from, files) => {
      refuseBackslashes(files);
      const script = scripts('pack', { folder: folderText(from), files: files.length });
      return { script, input: namesOf(files) };
    },
    tarOf: tarOfFrames,
    checkPacked: (exit, stderr, from) =>
      check({ exit, stderr }, 'GUEST_DOWNLOAD_FAILED', `the files in ${from} could not be fetched`),
    removeFolder: () => scripts('remove', { folder }),
  };
}

/** `~` and `~/x` mean the home, as people expect. */
function folderText(folder: string): Text {
  return new Text(folder.replace(/^~(?:[/\\]+|$)/, ''));
}

function check({ exit, stderr }: Omit<Captured, 'stdout'>, code: string, what: string, hint?: string): void {
  if (exit.exitCode === 0) return;
  const said = plainStderr(stderr).trim();
  throw new VmtestError(code, `${what} of the guest (${showExit(exit)}): ${said.split(/\r?\n/).at(-1)}`, {
    details: said,
    ...(hint === undefined ? {} : { hint }),
  });
}

function refuseBackslashes(files: readonly string[]): void {
  const odd = files.find((file) => /[\0\\]/.test(file));
  if (odd === undefined) return;
  throw new VmtestError('GUEST_PATH_UNSUPPORTED', `the file ${JSON.stringify(odd)} cannot be fetched`, {
    hint: 'Folders are separated by `/`, on every system.',
  });
}

function clockError(): VmtestError {
  return new VmtestError('GUEST_CLOCK', "the guest's clock was not set: its user may not change it", {
    hint: 'Use an account of the group Administrators as `guest.user`.',
  });
}
