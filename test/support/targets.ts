import type { BaseTarget, GuestSettings } from '../../matrix/model.ts';

/** A target as the loader would make it, for tests that start below the matrix file. */
export function targetOf(
  engine: string,
  options: Record<string, unknown>,
  more: Partial<Omit<BaseTarget, 'guest'>> & { guest?: Partial<GuestSettings> } = {},
): BaseTarget {
  return {
    name: 't',
    engines: [engine],
    snapshot: 'clean',
    os: 'linux',
    cpus: 1,
    timeouts: {},
    options,
    ...more,
    guest: { user: 'root', sshAgent: false, channel: 'auto', port: 22, hostKey: 'pin', ...more.guest },
  };
}
