/** Tells a command that could not be started from one that failed. */
import { VmtestError } from '../../host/errors.ts';
import type { GuestCommand, GuestExit, GuestIo } from '../channel.ts';
import { Tail } from '../transport.ts';
import { type FailedStep, failedStep, STEP_EXIT_CODE } from './command-script.ts';

export class StepWatch implements GuestIo {
  readonly #io: GuestIo;
  readonly #stderr = new Tail();

  constructor(io: GuestIo) {
    this.#io = io;
  }

  onStdout(chunk: Buffer): void {
    this.#io.onStdout(chunk);
  }

  onStderr(chunk: Buffer): void {
    this.#stderr.push(chunk);
    this.#io.onStderr(chunk);
  }

  /** @throws VmtestError `GUEST_CWD`, `GUEST_NO_SPACE`, `GUEST_SHELL_MISSING` when it was our part that failed. */
  check(exit: GuestExit, command: GuestCommand, secret: string): void {
    if (exit.exitCode !== STEP_EXIT_CODE) return;
    const failure = failedStep(this.#stderr.text, secret);
    if (failure) throw errorOf(failure.step, failure.reason, command);
  }
}

function errorOf(step: FailedStep, reason: string, { cwd, shell }: GuestCommand): VmtestError {
  if (step === 'cwd') {
    return new VmtestError('GUEST_CWD', `the folder ${cwd} cannot be used in the guest: ${reason}`, {
      hint: 'It is where setup and run start: `upload.to`, relative to the home of the guest user.',
    });
  }
  if (step === 'script') {
    return new VmtestError('GUEST_NO_SPACE', 'the script cannot be written in the guest', {
      hint: 'Is the disk of the guest full, or read-only?',
    });
  }
  return new VmtestError('GUEST_SHELL_MISSING', `the guest has no ${shell}`, {
    hint: 'Install it in the image, or choose another `shell`. Always there are `sh`, and in Windows `powershell` and `cmd`.',
  });
}
