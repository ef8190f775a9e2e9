import { describe, expect, test } from 'vitest';
import { isLocal, isSession, sshTo, unattended } from '../../../../drivers/libvirt/uri.ts';

test.each([
  ['qemu:///system', true, false],
  ['qemu:///session', true, true],
  ['qemu+unix:///session?socket=/run/x/system', true, true],
  ['qemu+ssh://kvm-1/system?socket=/session', false, false],
  ['qemu+ssh://me@kvm-1/session', false, true],
  ['qemu://kvm-1/system', false, false],
  ['an-alias', false, false],
])('%s: local %s, session %s', (uri, local, session) => {
  expect(isLocal(uri)).toBe(local);
  expect(isSession(uri)).toBe(session);
});

test.each([
  ['qemu+ssh://kvm-1/system', 'qemu+ssh://kvm-1/system?no_tty=1'],
  ['qemu+ssh://kvm-1/system?keyfile=/k', 'qemu+ssh://kvm-1/system?keyfile=/k&no_tty=1'],
  ['qemu+ssh://kvm-1/system?no_tty=0', 'qemu+ssh://kvm-1/system?no_tty=0'],
  ['qemu+libssh://kvm-1/system', 'qemu+libssh://kvm-1/system'],
  ['qemu:///system', 'qemu:///system'],
])('%s asks nobody for a password', (uri, asked) => {
  expect(unattended(uri)).toBe(asked);
});

describe('the way through a host', () => {
  const guest = { host: '192.168.122.7', port: 22 };

  test('logs in as libvirt does', () => {
    const uri =
      'qemu+ssh://a%40b@kvm-1:2222/system?keyfile=%2Fkeys%2Fa+b%20c&no_verify=1;command=/opt/ssh&netcat=nc';
    expect(sshTo(uri, guest)).toEqual([
      '/opt/ssh',
      ...['-o', 'BatchMode=yes', '-i', '/keys/a+b c', '-o', 'StrictHostKeyChecking=no'],
      ...['-l', 'a@b', '-p', '2222', '-W', '192.168.122.7:22', '--', 'kvm-1'],
    ]);
  });

  test('leaves to `ssh` what the URI does not say', () => {
    expect(sshTo('qemu+ssh://kvm-1/system', guest)).toEqual([
      ...['ssh', '-o', 'BatchMode=yes', '-W', '192.168.122.7:22', '--', 'kvm-1'],
    ]);
  });

  test('knows the host by the file that libssh is given', () => {
    const argv = sshTo('qemu+libssh2://root@kvm-1/system?known_hosts=/k', guest);
    expect(argv).toContain('UserKnownHostsFile=/k');
    expect(sshTo('qemu+libssh://kvm-1/system?known_hosts_verify=ignore', guest)).toContain(
      'StrictHostKeyChecking=no',
    );
  });

  test('may be one of IPv6 at both ends', () => {
    const argv = sshTo('qemu+ssh://root@[2001:db8::1]/system', { host: '2001:db8::17', port: 22 });
    expect(argv?.slice(-4)).toEqual(['-W', '[2001:db8::17]:22', '--', '2001:db8::1']);
  });

  test.each(['qemu:///system', 'qemu+tls://kvm-1/system', 'qemu+ssh:///system', 'an-alias'])(
    'is not there for %s',
    (uri) => {
      expect(sshTo(uri, guest)).toBeUndefined();
    },
  );
});
