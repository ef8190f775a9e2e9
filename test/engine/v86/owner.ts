import type { BaseTarget } from '../../../matrix/model.ts';
import type { Host } from '../../../src/host/host.ts';
import { type Owner, startOwner } from '../../support/owner.ts';

/** Another process that uses the driver; see the fixture. */
export function owner(what: 'open' | 'keep' | 'hang', host: Host, target: BaseTarget): Owner {
  return startOwner('v86-owner.ts', what, { host, target, patienceMs: 120_000 });
}
