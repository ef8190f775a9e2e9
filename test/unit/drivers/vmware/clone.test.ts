import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { VmContext, VmInfo } from '../../../../drivers/vm/control.ts';
import { makeClone } from '../../../../drivers/vmware/clone.ts';
import { createHost } from '../../../../src/host/create-host.ts';
import type { Exec } from '../../../../src/host/exec.ts';
import { scratchFolder } from '../../../support/scratch.ts';
import { targetOf } from '../../../support/targets.ts';

test('a clone that vmrun says to have made, and has not, is an error of the engine', async () => {
  const folder = await scratchFolder();
  const exec: Exec = async ([, ...args]) => ({
    exitCode: 0,
    signal: undefined,
    stdout: args.length === 0 ? 'vmrun version 1.17.0 build-1\n' : 'noise\n',
    stderr: '',
  });
  const context = {
    host: { ...createHost({ paths: { state: folder, cache: folder } }), exec },
    signal: new AbortController().signal,
    target: targetOf('vmware', {}),
  } as unknown as VmContext;
  const snapshot = { id: 'clean', name: 'clean', path: 'clean', live: false, stamp: '1' };
  const request = { snapshot, name: 'vmtest-aaaaaaaa', folder: join(folder, 'clone'), note: async () => {} };
  const vm = { id: '/vms/debian.vmx', name: 'debian' } as VmInfo;
  await expect(makeClone(vm, request, context)).rejects.toMatchObject({
    code: 'VMWARE_CLONE_FAILED',
    message: expect.stringMatching(/^cloning the VM "debian" failed: .* there is no .*vmtest-aaaaaaaa\.vmx$/),
  });
});
