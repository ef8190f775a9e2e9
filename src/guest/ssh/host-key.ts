/** Host keys as people compare them: `SHA256:` and the unpadded base64 of the key's digest, as OpenSSH prints them. */
import { createHash } from 'node:crypto';
import { VmtestError } from '../../host/errors.ts';

export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

export function hostKeyChanged(expected: string, seen: string): VmtestError {
  return new VmtestError('GUEST_HOST_KEY_CHANGED', `the guest shows the host key ${seen}, not ${expected}`, {
    hint:
      'Another machine answers at this address, or the guest made itself new keys at its first boot. ' +
      'If the new key is right, put it under `guest.host-key`, or use `host-key: any`.',
  });
}
