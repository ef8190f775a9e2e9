import { expect, it } from 'vitest';
import { explain, explainGuest, firstError, isBusy } from '../../../../drivers/virtualbox/errors.ts';
import { VmtestError } from '../../../../src/host/errors.ts';

const details =
  'VBoxManage: error: Details: code VBOX_E_INVALID_OBJECT_STATE (0x80bb0007), component MachineWrap';

it.each([
  ["The machine 'a' is already locked by a session (or being locked or unlocked)", 'VIRTUALBOX_LOCKED', true],
  ["The machine 'a' is already locked for a session (or being unlocked)", 'VIRTUALBOX_LOCKED', true],
  ["Cannot unregister the machine 'a' while it is locked", 'VIRTUALBOX_LOCKED', true],
  ['The object is not ready', 'VIRTUALBOX_SERVICE_BUSY', true],
  ['Failed to create the VirtualBox object!', 'VIRTUALBOX_SERVICE_BUSY', true],
  // A VM whose file is gone stays so.
  ['The object functionality is limited', 'VIRTUALBOX_INACCESSIBLE', false],
  ["Could not find a registered machine named 'it's'", 'VM_MISSING', false],
  ['Could not find a registered machine with UUID {1}', 'VM_MISSING', false],
  ["Could not find a snapshot named 'x'", 'SNAPSHOT_MISSING', false],
  ['This machine does not have any snapshots', 'SNAPSHOT_MISSING', false],
  ["Machine 'a' is not currently running.", 'VIRTUALBOX_NOT_RUNNING', false],
  ["Machine settings file '/a b/c.vbox' already exists", 'VIRTUALBOX_NAME_TAKEN', false],
  ['Kernel driver not installed (rc=-1908)', 'VIRTUALBOX_NO_DRIVER', false],
  [
    "The virtual machine 'a' has terminated unexpectedly during startup with exit code 1 (0x1)",
    'VIRTUALBOX_START_FAILED',
    false,
  ],
  ['VT-x is being used by another hypervisor (VERR_VMX_IN_VMX_ROOT_MODE)', 'VIRTUALBOX_CPU_IN_USE', false],
  ['AMD-V is not available (VERR_SVM_NO_SVM)', 'VIRTUALBOX_NO_VIRTUALISATION', false],
  ['something new', 'X', false],
])('%s: %s', (text, code, busy) => {
  const error = explain(`0%...\nVBoxManage: error: ${text}\n${details}\n`, { doing: 'trying', code: 'X' });
  expect(error).toMatchObject({ code, details: expect.stringContaining(text) });
  expect(error.message).toMatch(/^trying failed: ./);
  expect(isBusy(error)).toBe(busy);
  if (
    code !== 'X' &&
    code !== 'VIRTUALBOX_NOT_RUNNING' &&
    code !== 'VIRTUALBOX_NAME_TAKEN' &&
    code !== 'VIRTUALBOX_VM_STATE'
  )
    expect(error.hint).toMatch(/\w/);
});

it('tells the cause, not that something failed', () => {
  const text = `VBoxManage: error: Clone VM failed\nVBoxManage: error: Could not create a directory\n${details}\n`;
  expect(firstError(text)).toBe('Could not create a directory');
  expect(firstError(`VBoxManage.exe: error: No\r\n${details}`)).toBe('No');
  expect(firstError('')).toBe('');
});

it.each([
  ['Guest Additions are not installed or not ready (yet)', 'GUEST_NOT_READY', true],
  ['Error starting guest session (current status is: starting)', 'GUEST_NOT_READY', true],
  ['The specified user was not able to logon on guest', 'GUEST_LOGIN_REFUSED', false],
  ['Machine "a" is not running (currently powered off)!', 'GUEST_AGENT_LOST', true],
  ['VERR_FILE_NOT_FOUND', 'GUEST_AGENT_REFUSED', false],
])('guest: %s: %s', (text, code, retryable) => {
  expect(explainGuest(`VBoxManage: error: ${text}\n`, 'x')).toMatchObject({ code, retryable });
});

it('takes only its own errors for busy ones', () => {
  expect(isBusy(new VmtestError('TIMEOUT', 'x'))).toBe(false);
  expect(isBusy(new Error('The object is not ready'))).toBe(false);
});
