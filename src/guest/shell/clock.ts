/** The guest's clock, set by `date`. */
import { VmtestError } from '../../host/errors.ts';
import type { GuestExit } from '../channel.ts';

const NO_RIGHT = 3;
const NO_TOOL = 4;

/**
 * Sets the clock. For a root with GNU's or busybox's `date` that is one program: under emulation each costs tens of
 * milliseconds, in every cell. Root is who may read the environment of process 1, as a builtin tells. Everybody else is
 * asked whether the clock is off at all (by more than a second, as far as whole seconds tell), gets sudo, and the BSDs' and
 * macOS's `date -f`; whether that worked is seen from the clock, since busybox's `date` says nothing of a refusal.
 */
export function clockScript(epochSeconds: number): string {
  return `
[ -r /proc/1/environ ] && date -u -s @${epochSeconds} >/dev/null 2>&1 && exit 0
off() { d=$(($(date -u +%s) - ${epochSeconds})); [ "\${d#-}" -gt 1 ]; }
off || exit 0
as=; if [ "$(id -u)" != 0 ]; then as="sudo -n"; fi
{ $as date -u -s @${epochSeconds} || $as date -u -f %s ${epochSeconds}; } >/dev/null 2>&1
off || exit 0
[ -z "$as" ] || exit ${NO_RIGHT}
exit ${NO_TOOL}
`;
}

/** @throws VmtestError `GUEST_CLOCK` */
export function checkClock(exit: GuestExit): void {
  if (exit.exitCode === 0) return;
  const why =
    exit.exitCode === NO_RIGHT
      ? 'its user is not root, and `sudo -n date` is not allowed'
      : 'its `date` does not set it';
  throw new VmtestError('GUEST_CLOCK', `the guest's clock was not set: ${why}`, {
    hint: 'Use root as `guest.user`, allow `date` by sudo without a password, or install the guest agent.',
  });
}
