import { describe, expect, test } from 'vitest';
import { chooseAddress } from '../../../../drivers/hyperv/addresses.ts';
import { pictureOf } from '../../../../drivers/hyperv/picture.ts';
import { judge } from '../../../../drivers/hyperv/probe.ts';
import { shellPath } from '../../../../drivers/hyperv/shell.ts';

test.each([
  [['fe80::1', '172.20.1.2', '10.0.0.1'], '172.20.1.2'],
  [['169.254.3.4', 'fd00::5'], 'fd00::5'],
  [['169.254.3.4', 'FE80::5', '::1', '0.0.0.0'], undefined],
  [[null, 7], undefined],
  [[], undefined],
])('of the addresses %j: %s', (addresses, chosen) => {
  expect(chooseAddress(addresses)).toBe(chosen);
});

test('a picture has eight bits a colour, and all of its pixels', () => {
  const pixels = Buffer.from([0xff, 0xff, 0x00, 0xf8, 0xe0, 0x07, 0x1f, 0x00]);
  const { rgb = new Uint8Array() } = pictureOf(pixels, { width: 2, height: 2 }) ?? {};
  expect([...rgb]).toEqual([255, 255, 255, 255, 0, 0, 0, 255, 0, 0, 0, 255]);
  expect(pictureOf(pixels, { width: 3, height: 2 })).toBeUndefined();
});

describe('the shell', () => {
  test('is Windows PowerShell by its path, and a 64-bit one', () => {
    const env = { SystemRoot: 'D:\\Windows' };
    const rest = 'WindowsPowerShell\\v1.0\\powershell.exe';
    expect(shellPath('win32', 'x64', env)).toBe(`D:\\Windows\\System32\\${rest}`);
    expect(shellPath('win32', 'ia32', env)).toBe(`D:\\Windows\\Sysnative\\${rest}`);
    expect(shellPath('win32', 'arm64', {})).toBe(`C:\\Windows\\System32\\${rest}`);
    expect(shellPath('linux', 'x64', env)).toBe('pwsh');
  });
});

describe('a host', () => {
  const good = { shell: '5.1.22621.1', module: '2.0.0.0', service: 'Running', rights: true };

  test('with everything can be used', () => {
    expect(judge(good)).toMatchObject({ available: true, version: '2.0.0.0', fixes: [] });
  });

  test.each([
    ['no module', { module: null }, /PowerShell module is missing/, /Enable-WindowsOptionalFeature/],
    ['no service', { service: null }, /service is missing/, /Enable-WindowsOptionalFeature/],
    ['a stopped service', { service: 'Stopped' }, /is Stopped/, /Start-Service vmms/],
    ['no rights', { rights: false }, /may not manage VMs/, /Add-LocalGroupMember/],
  ])('with %s cannot, and says how to mend it', (_, lack, finding, fix) => {
    const { available, findings, fixes } = judge({ ...good, ...lack });
    expect(available).toBe(false);
    expect(findings.at(-1)).toMatch(finding);
    expect(fixes[0]).toMatch(fix);
  });
});
