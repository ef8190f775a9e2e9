import { fakeDriver } from '../../drivers/fake/driver.ts';
import { targetOf } from '../support/targets.ts';
import { testHost } from '../support/test-host.ts';
import { describeDriver } from './driver-contract.ts';

describeDriver('fake', { realGuest: false, builtIn: true }, async () => ({
  driver: fakeDriver,
  target: targetOf('fake', { latency: { restore: '1ms..30ms', boot: '1ms' } }),
  host: await testHost(),
  broken: [
    { why: 'made unavailable', target: targetOf('fake', { unavailable: 'no' }), code: 'FAKE_UNAVAILABLE' },
  ],
  unreachable: [],
  leftovers: async () => [],
}));
