import { describe, expect, test } from 'vitest';
import { BUSY, explain } from '../../../../drivers/libvirt/errors.ts';

/** As `virsh` of libvirt 9.0 prints them, and of other versions where their words differ. */
const said: readonly [text: string, code: string, message: string][] = [
  [
    "error: Failed to destroy domain 'a'\nerror: Timed out during operation: cannot acquire state change lock (held by monitor=remoteDispatchDomainSnapshotCreateXML)",
    BUSY,
    'another command holds the domain',
  ],
  [
    "error: failed to connect to the hypervisor\nerror: Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory",
    'LIBVIRT_NOT_RUNNING',
    'nobody listens at /var/run/libvirt/libvirt-sock',
  ],
  [
    "error: failed to connect to the hypervisor\nerror: Failed to connect socket to '/var/run/libvirt/virtqemud-sock': Connection refused",
    'LIBVIRT_NOT_RUNNING',
    'nobody listens at /var/run/libvirt/virtqemud-sock',
  ],
  [
    "error: failed to connect to the hypervisor\nerror: Failed to connect socket to '/var/run/libvirt/libvirt-sock': Permission denied",
    'LIBVIRT_NOT_ALLOWED',
    'libvirt does not let this user in',
  ],
  [
    "error: failed to connect to the hypervisor\nerror: authentication unavailable: no polkit agent available to authenticate action 'org.libvirt.unix.manage'",
    'LIBVIRT_NOT_ALLOWED',
    'libvirt does not let this user in',
  ],
  [
    "error: Failed to refresh pool default\nerror: internal error: pool 'default' has asynchronous jobs running.",
    BUSY,
    'at work for another command',
  ],
  [
    "error: Failed to delete vol a.qcow2\nerror: internal error: volume 'a.qcow2' is still being allocated.",
    BUSY,
    'at work for another command',
  ],
  [
    "error: failed to connect to the hypervisor\nerror: libssh transport error: SSH host key for '198.51.100.2' (6b:84:4b:d6) was not accepted",
    'LIBVIRT_NO_SSH',
    'was not accepted',
  ],
  [
    "error: Failed to create domain from d.xml\nerror: internal error: process exited while connecting to monitor: qemu-system-x86_64: -netdev user,id=n,hostfwd=tcp::2222-:22: Could not set up host forwarding rule 'tcp::2222-:22'",
    'LIBVIRT_PORT_TAKEN',
    'cannot forward the port tcp::2222-:22',
  ],
  [
    'error: failed to connect to the hypervisor\nerror: Cannot recv data: ssh: Could not resolve hostname nosuchhost.invalid: Name or service not known: Connection reset by peer',
    'LIBVIRT_NO_SSH',
    'Could not resolve hostname nosuchhost.invalid',
  ],
  [
    'error: failed to connect to the hypervisor\nerror: Cannot recv data: ssh: connect to host 127.0.0.1 port 1: Connection refused: Connection reset by peer',
    'LIBVIRT_NO_SSH',
    'cannot be reached by SSH',
  ],
  [
    'error: failed to connect to the hypervisor\nerror: Cannot recv data: Host key verification failed.: Connection reset by peer',
    'LIBVIRT_NO_SSH',
    'Host key verification failed',
  ],
  ["error: failed to get domain '15'", 'VM_MISSING', 'there is no such domain'],
  [
    "error: failed to get domain 'x'\nerror: Domain not found: no domain with matching name 'x'",
    'VM_MISSING',
    'there is no such domain',
  ],
  [
    "error: Domain snapshot not found: no domain snapshot with matching name 'disks'",
    'SNAPSHOT_MISSING',
    "no domain snapshot with matching name 'disks'",
  ],
  [
    'error: unsupported configuration: revert to external snapshot not supported yet',
    'LIBVIRT_EXTERNAL_SNAPSHOT',
    'cannot restore external snapshots',
  ],
  [
    "error: Failed to start domain 'a'\nerror: Requested operation is not valid: network 'default' is not active",
    'LIBVIRT_NETWORK_OFF',
    'the network default of the domain is not active',
  ],
  [
    "error: Failed to start domain 'a'\nerror: internal error: process exited while connecting to monitor: 2026-01-01T00:00:00Z qemu-system-x86_64: -blockdev x: Could not open '/home/u/x.qcow2': Permission denied",
    'LIBVIRT_FILE_DENIED',
    'QEMU may not read /home/u/x.qcow2',
  ],
  [
    "error: Failed to start domain 'a'\nerror: Cannot access storage file '/root/x.qcow2' (as uid:64055, gid:64055): Permission denied",
    'LIBVIRT_FILE_DENIED',
    'QEMU may not read /root/x.qcow2',
  ],
  [
    "error: internal error: process exited while connecting to monitor: qemu-system-x86_64: cannot set up guest memory 'pc.ram': Cannot allocate memory",
    'LIBVIRT_NO_MEMORY',
    'too little memory',
  ],
  [
    'error: internal error: process exited while connecting to monitor: qemu-system-x86_64: unsupported machine type',
    'LIBVIRT_START_FAILED',
    'QEMU ended at once: qemu-system-x86_64: unsupported machine type',
  ],
  [
    'error: argument unsupported: QEMU guest agent is not configured',
    'LIBVIRT_NO_AGENT',
    'no channel for the guest agent',
  ],
];

const context = { doing: 'testing', code: 'LIBVIRT_FAILED' };

describe('what virsh says', () => {
  test.each(said)('%s', (text, code, message) => {
    const error = explain(text, context);
    expect(error.code).toBe(code);
    expect(error.message).toContain('testing failed: ');
    expect(error.message).toContain(message);
    expect(error.details).toBe(text);
  });

  test('is retryable only where another try can help', () => {
    const codes = said.filter(([text]) => explain(text, context).retryable).map(([, code]) => code);
    expect([...new Set(codes)]).toEqual([BUSY, 'LIBVIRT_NO_SSH', 'LIBVIRT_NO_MEMORY']);
  });

  test('and is not known: the last of its lines tells the cause', () => {
    const text =
      'error: Failed to create domain from d.xml\nerror: An error occurred, but the cause is unknown\n\n';
    expect(explain(text, context)).toMatchObject({
      code: 'LIBVIRT_FAILED',
      message: 'testing failed: An error occurred, but the cause is unknown',
    });
    expect(explain('\nodd words\n', context).message).toBe('testing failed: odd words');
  });

  test('may be nothing', () => {
    expect(explain('\n', context).message).toBe('testing failed: it said nothing');
  });
});
