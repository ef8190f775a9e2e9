import fc from 'fast-check';
import { expect, test } from 'vitest';
import { factsOf, targetFor } from '../../../../drivers/vm/lease-facts.ts';
import { withoutSecrets } from '../../../../drivers/without-secrets.ts';
import type { LeaseRecord } from '../../../../src/host/host.ts';
import { ownIdentity } from '../../../../src/host/process-identity.ts';
import { vmTarget } from '../../../support/vm-cells.ts';

const vm = { id: '1', name: 'debian' };

function recordOf(facts: unknown): LeaseRecord {
  return {
    version: 1,
    id: 'abcdefgh',
    run: 'r',
    owner: ownIdentity(),
    engine: 'memory',
    target: 't',
    created: '',
    folder: '/nowhere',
    facts: facts as Record<string, unknown>,
  };
}

test('no secret gets into a lease, and all that a command needs does', () => {
  const secrets = [
    'password',
    'guest-password',
    'passwd',
    'vmPassphrase',
    'api-token',
    'clientSecret',
    'sshKey',
  ];
  const target = vmTarget({
    uri: 'qemu:///system',
    ...Object.fromEntries(secrets.map((name) => [name, 'hunter2'])),
  });
  const options = withoutSecrets(target.options);
  expect(JSON.stringify(options)).not.toContain('hunter2');
  expect(options).toEqual({ vm: 'debian', clone: 'auto', 'if-running': 'fail', uri: 'qemu:///system' });
});

test('facts come back as they were noted', () => {
  const facts = { vm, options: { uri: 'x' }, clone: 'c', places: ['/images'], session: '7', restored: true };
  expect(factsOf(recordOf(facts))).toEqual(facts);
  expect(factsOf(recordOf({ vm }))).toEqual({ vm, options: {}, places: [] });
});

test('a lease that never came as far names no VM', () => {
  expect(factsOf(recordOf({}))).toBeUndefined();
  expect(factsOf(recordOf({ vm: { id: '1' } }))).toBeUndefined();
});

test('a damaged record never throws, and never yields what is no name', () => {
  fc.assert(
    fc.property(
      fc.record({
        vm: fc.oneof(fc.constant(vm), fc.anything()),
        clone: fc.anything(),
        places: fc.oneof(fc.anything(), fc.array(fc.anything())),
        session: fc.anything(),
        restored: fc.anything(),
        options: fc.anything(),
      }),
      (facts) => {
        const found = factsOf(recordOf(facts));
        if (!found) return;
        expect([typeof found.vm.id, typeof found.vm.name]).toEqual(['string', 'string']);
        expect(['string', 'undefined']).toContain(typeof found.clone);
        expect(found.places.filter((place) => typeof place !== 'string')).toEqual([]);
        expect(['string', 'undefined']).toContain(typeof found.session);
        expect([true, undefined]).toContain(found.restored);
        expect(typeof found.options).toBe('object');
      },
    ),
  );
});

test('the target of a sweep has the options of the lease, and no way into the guest', () => {
  const facts = factsOf(recordOf({ vm, options: { uri: 'x' } }));
  if (!facts) throw new Error('there are facts');
  expect(targetFor(recordOf({}), facts)).toMatchObject({
    name: 't',
    engines: ['memory'],
    options: { uri: 'x' },
    guest: { user: '' },
  });
});
