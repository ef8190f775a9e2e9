import { VmtestError } from '../../host/errors.ts';

/** A guest that cannot keep what is put into it, or what its commands print. */
export function notKept(details: string, cause?: unknown): VmtestError {
  return new VmtestError('GUEST_NO_SPACE', 'the guest cannot keep a file of ours in its temporary folder', {
    hint: 'Is its disk full or read-only, or was the folder removed?',
    details,
    ...(cause === undefined ? {} : { cause }),
  });
}
