import { describe, expect, test } from 'vitest';
import { explain, explainInGuest } from '../../../../drivers/vmware/errors.ts';

const context = { doing: 'doing it', code: 'OWN' };

describe('on the host', () => {
  test.each([
    ['Error: The file is already in use\n', 'VMWARE_BUSY', true],
    ['Error: The virtual machine is busy\n', 'VMWARE_BUSY', true],
    ['Error: The virtual machine is not powered on: /running/a.vmx\n', 'VMWARE_NOT_RUNNING', false],
    ['Error: Cannot open VM: /a.vmx, The virtual machine cannot be found\n', 'VMWARE_VM_FILE_MISSING', false],
    ['Error: The snapshot does not exist\r\n', 'VMWARE_SNAPSHOT_MISSING', false],
    [
      'Encrypted virtual machine password:\nError: The operation is not supported\n',
      'VMWARE_ENCRYPTED',
      false,
    ],
    ['Error: Unable to connect to host.\n', 'VMWARE_NO_HOST', false],
    ['Error: One of the parameters was invalid\n', 'VMWARE_UNSUPPORTED', false],
    ['Error: The operation is not supported\n', 'VMWARE_UNSUPPORTED', false],
    ['Error: The operation is not supported for the specified parameters\n', 'VMWARE_TOO_OLD', false],
    ['Error: Unrecognized command: listSnapshot\n', 'VMWARE_TOO_OLD', false],
    ['Error: The operation was canceled\n', 'VMWARE_CANCELLED', false],
    ['Error: There is not enough space on the disk\n', 'DISK_FULL', false],
  ])('%j', (text, code, retryable) => {
    expect(explain(text, context)).toMatchObject({ code, retryable, hint: expect.any(String) });
  });
});

describe('in a guest', () => {
  test.each([
    ['Error: The VMware Tools are not running in the virtual machine: /a.vmx\n', 'GUEST_AGENT_LOST', true],
    ['Error: VMware Tools are not running in the guest\n', 'GUEST_AGENT_LOST', true],
    ['Error: The virtual machine is not powered on: /a.vmx\n', 'GUEST_AGENT_LOST', true],
    ['Error: Invalid user name or password for the guest OS\n', 'GUEST_AUTH_FAILED', false],
    [
      'Error: The specified guest user must be logged in interactively to perform this operation\n',
      'VMWARE_NO_DESKTOP',
      false,
    ],
    ['Error: A file was not found\n', 'GUEST_AGENT_REFUSED', false],
    ['Error: The file is already in use\n', 'VMWARE_BUSY', true],
  ])('%j', (text, code, retryable) => {
    expect(explainInGuest(text, context)).toMatchObject({ code, retryable });
  });
});

test('a failure that is not known gets the code of who asked, and tells what was said', () => {
  expect(explain('libpng warning: iCCP\nError: Unknown error\n', context)).toMatchObject({
    code: 'OWN',
    message: 'doing it failed: Unknown error',
    details: 'libpng warning: iCCP\nError: Unknown error\n',
  });
  expect(explain('', context).message).toBe('doing it failed: vmrun said nothing');
});
