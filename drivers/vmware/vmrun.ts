/** The one place that starts `vmrun`: its flags, deadlines, and what it must never show. */
import { VmtestError } from '../../src/host/errors.ts';
import { type ExecResult, killedWords } from '../../src/host/exec.ts';
import type { VmContext } from '../vm/control.ts';
import { explain, explainInGuest } from './errors.ts';
import { isFailure } from './parse.ts';
import { findPrograms } from './programs.ts';
import type { VmwareOptions } from './schema.ts';

export interface VmrunCall {
  /** "starting the VM": begins the sentence of a failure. */
  doing: string;
  /** Of failures that are not known. Default: `VMWARE_FAILED`. */
  code?: string;
  /** Milliseconds. Default: 60 s. */
  timeout?: number;
  /** Works in the guest, as `guest.user`. Default: false. */
  inGuest?: boolean;
}

const DEFAULT_MS = 60_000;

/**
 * Runs a command and answers with what it printed.
 * @throws VmtestError what `errors.ts` knows, `VMWARE_TIMEOUT`, `VMWARE_MISSING`; the signal's reason when it aborts.
 */
export async function vmrun(
  context: VmContext,
  command: readonly [string, ...string[]],
  call: VmrunCall,
): Promise<string> {
  const result = await attempt(context, command, call);
  if (!isFailure(result)) return result.stdout;
  throw failure(context, result, call);
}

/** The same without judging it, for answers that come with a failing exit code. */
export async function attempt(
  context: VmContext,
  command: readonly [string, ...string[]],
  { doing, timeout = DEFAULT_MS, inGuest = false }: VmrunCall,
): Promise<ExecResult> {
  const { host, signal } = context;
  const options = optionsOf(context);
  const programs = await findPrograms(host, options, signal);
  const password = options['encryption-password'];
  const flags = [
    ...['-T', programs.edition],
    ...(password === undefined ? [] : ['-vp', password]),
    ...(inGuest ? login(context) : []),
  ];
  try {
    return await host.exec([programs.vmrun, ...flags, ...command], {
      timeout,
      signal,
      name: `vmrun ${command[0]}`,
    });
  } catch (error) {
    signal.throwIfAborted();
    throw withoutCommandLine(error, doing, timeout);
  }
}

export function failure(context: VmContext, result: ExecResult, call: VmrunCall): VmtestError {
  const { doing, code = 'VMWARE_FAILED', inGuest = false } = call;
  const printed = withoutPasswords(
    [result.stdout, result.stderr].filter((text) => text.trim() !== '').join('\n'),
    context,
  );
  const said = killedWords('vmrun', result) ?? printed;
  return (inGuest ? explainInGuest : explain)(said, { doing, code });
}

export function optionsOf({ target }: Pick<VmContext, 'target'>): VmwareOptions {
  return target.options as unknown as VmwareOptions;
}

function login({ target }: VmContext): string[] {
  const { user, password } = target.guest;
  if (password === undefined || password === '') throw noPassword();
  return ['-gu', user, '-gp', password];
}

function noPassword(): VmtestError {
  return new VmtestError('VMWARE_NO_GUEST_PASSWORD', 'VMware lets nobody into a guest without a password', {
    hint: 'Set `guest.password` of the target to that of a local account; it may not be empty.',
  });
}

/** The errors of `exec` show the whole command, which has passwords in it. */
function withoutCommandLine(error: unknown, doing: string, timeout: number): unknown {
  if (!(error instanceof VmtestError)) return error;
  if (error.code === 'TIMEOUT') {
    return new VmtestError('VMWARE_TIMEOUT', `${doing} took longer than ${Math.round(timeout / 1000)} s`, {
      hint: 'vmrun waits for an answer when VMware has a question: open the VM in the VMware window and look.',
      retryable: true,
    });
  }
  return new VmtestError('VMWARE_NOT_STARTED', `${doing} failed: vmrun could not be started`, {
    hint: '`vmtest doctor` shows which one is used.',
    retryable: error.retryable,
  });
}

function withoutPasswords(text: string, { target }: VmContext): string {
  const secrets = [optionsOf({ target })['encryption-password'], target.guest.password];
  return secrets.reduce<string>((clean, secret) => (secret ? clean.replaceAll(secret, '***') : clean), text);
}
