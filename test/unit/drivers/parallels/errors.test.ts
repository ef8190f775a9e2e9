import { expect, test } from 'vitest';
import { explain } from '../../../../drivers/parallels/errors.ts';

const context = { doing: 'doing it', code: 'PARALLELS_OTHER' };

test.each([
  [
    'Failed to get VM config: The virtual machine could not be found. The virtual machine is not registered in the virtual machine directory on your Mac.',
    { code: 'PARALLELS_VM_MISSING', retryable: false },
  ],
  [
    'Login failed: Unable to connect to Parallels Service',
    { code: 'PARALLELS_SERVICE_DOWN', retryable: true },
  ],
  [
    'Unable to perform the operation because "it\'s "100 %"" is not started.',
    {
      code: 'PARALLELS_NOT_RUNNING',
      message: 'doing it failed: the VM it\'s "100 %" does not run',
    },
  ],
  ['PrlDevDisplay_ConnectToVm: PrlJob_Wait: PRL_ERR_IO_STOPPED', { code: 'PARALLELS_NOT_RUNNING' }],
  [
    'Unable to open new session in this virtual machine. Make sure your virtual machine has finished booting, runs the latest version of Parallels Tools, and is not isolated from the host OS.',
    { code: 'PARALLELS_TOOLS_DOWN', retryable: true, hint: expect.stringContaining('--isolate-vm off') },
  ],
  ['PrlVmGuest_RunProgram: Invalid argument', { code: 'PARALLELS_CHANNEL_STALE', retryable: true }],
  [
    'PrlJob_GetRetCode: Invalid argument. An invalid argument was passed.',
    { code: 'PARALLELS_CHANNEL_STALE', retryable: true },
  ],
  [
    'Failed to delete snapshot: The operation cannot be performed at the moment. Data synchronization is currently in progress. Try to perform the operation later.',
    { code: 'PARALLELS_BUSY', retryable: true },
  ],
  [
    'Removing the VM...\nFailed to remove the VM: Unable to perform the action because the virtual machine is busy. The virtual machine is currently running. Please try again later.',
    { code: 'PARALLELS_BUSY', retryable: true },
  ],
  [
    'Failed to switch the snapshot: The snapshot with the specified ID was not found.',
    { code: 'PARALLELS_SNAPSHOT_MISSING' },
  ],
  ['A password is required to clone this virtual machine', { code: 'PARALLELS_PASSWORD' }],
  ['This command is not supported in this edition of the product', { code: 'PARALLELS_EDITION' }],
  ['Failed to resume the VM: Error Domain=VZErrorDomain Code=12', { code: 'PARALLELS_RESTORE_FAILED' }],
  ['Failed to clone the VM: No space left on device', { code: 'DISK_FULL' }],
])('%s', (text, expected) => {
  expect(explain(text, context)).toMatchObject({ details: text, ...expected });
});

test('what is not known keeps its last line, and the code of who asked', () => {
  expect(explain('Starting the VM...\rFailed to start the VM: 0x80\n\n', context)).toMatchObject({
    code: 'PARALLELS_OTHER',
    message: 'doing it failed: Failed to start the VM: 0x80',
    retryable: false,
  });
  expect(explain('', context).message).toBe('doing it failed: it said nothing');
});
