/** What can go wrong on a console, as coded errors. */
import { VmtestError } from '../../host/errors.ts';

/** Never an exit of the command that ran: always worth another try on a fresh machine. */
export function consoleLost(why: string, cause?: unknown): VmtestError {
  return new VmtestError('GUEST_CONSOLE_LOST', `the console of the guest was lost: ${why}`, {
    hint: 'The guest crashed, restarted or powered off, or its shell was ended. Look at the end of console.log.',
    retryable: true,
    ...(cause === undefined ? {} : { cause }),
  });
}

/** @param shown the last line on the console. */
export function consoleSilent(what: string, shown: string): VmtestError {
  const seen = shown === '' ? 'it shows nothing' : `it shows ${JSON.stringify(shown.slice(-120))}`;
  return new VmtestError('GUEST_CONSOLE_SILENT', `${what} on the console; ${seen}`, {
    hint: 'A shell or a login prompt has to be on the serial console (`console=ttyS0` on the command line of the kernel, a getty there).',
    retryable: true,
  });
}

export function loginRefused(user: string, why: string): VmtestError {
  return new VmtestError('GUEST_AUTH_FAILED', `the console does not let ${user} in: ${why}`, {
    hint: "Check `guest.user` and `guest.password`, and for root the guest's /etc/securetty.",
  });
}

export function consoleRefused(what: string, hint?: string): VmtestError {
  return new VmtestError('GUEST_CONSOLE_REFUSED', `the guest could not do it: ${what}`, hint ? { hint } : {});
}

/** For what needs a file of ours in the guest. */
export const IS_THERE_ROOM =
  'Is there room in the temporary folder of the guest, and may its user write there?';

export function toolsMissing(which: string): VmtestError {
  return new VmtestError('GUEST_CONSOLE_UNSUPPORTED', `the guest has no ${which}`, {
    hint: 'The console channel needs one program of each: `base64`, `openssl`, `uuencode`, `od` or `hexdump`; `md5sum` or `cksum`.',
  });
}
