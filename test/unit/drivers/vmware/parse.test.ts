import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isFailure,
  parseAddress,
  parseGuestExit,
  parseInstallPath,
  parseProduct,
  parseRunning,
  parseSnapshotTree,
  parseToolsState,
  parseVmrunVersion,
} from '../../../../drivers/vmware/parse.ts';

const printed = (stdout: string, exitCode = 0, stderr = '') => ({ exitCode, stdout, stderr });

describe('failures', () => {
  test.each([
    ['a good end', printed('Total running VMs: 0\n'), false],
    ['exit code 255', printed('', 255), true],
    ['exit code -1 on Windows', printed('', 4_294_967_295), true],
    ['an error with exit code 0', printed('Error: The file is already in use\n'), true],
    ['an error after a warning', printed('warning\nError: Unknown error\n'), true],
    ['an error on stderr', printed('', 0, 'Error: Unknown error\n'), true],
    ['a snapshot with the word in its name', printed('Total snapshots: 1\nbefore Error: x\n'), false],
  ])('%s', (_what, result, failed) => {
    expect(isFailure(result)).toBe(failed);
  });
});

describe('running VMs', () => {
  test('one path a line, whatever is in it', () => {
    const paths = ['/vms/a b/it\'s "x".vmx', '/vms/ünï/100%.vmx', '/vms/-T/-T.vmx'];
    expect(parseRunning(`Total running VMs: 3\n${paths.join('\n')}\n`)).toEqual(paths);
  });

  test("Windows' line ends and paths", () => {
    expect(parseRunning('Total running VMs: 1\r\nD:\\VMs\\win 11\\win 11.vmx\r\n')).toEqual([
      'D:\\VMs\\win 11\\win 11.vmx',
    ]);
  });

  test('a warning in front', () => {
    expect(parseRunning('[AppLoader] GLib too old\nTotal running VMs: 0\n')).toEqual([]);
  });

  test.each(['', 'Error: Unable to connect to host.', 'usage: vmrun', '\0\0'])('%j is no answer', (text) => {
    expect(parseRunning(text)).toBeUndefined();
  });
});

describe('the tree of snapshots', () => {
  test('each level is a tab further in', () => {
    const text = 'Total snapshots: 5\nbase\n\tupdated\n\t\tclean\n\tother\nsecond root\n';
    expect(parseSnapshotTree(text)?.map(({ path }) => path)).toEqual([
      'base',
      'base/updated',
      'base/updated/clean',
      'base/other',
      'second root',
    ]);
  });

  test('names that are not unique', () => {
    const text = 'Total snapshots: 3\nclean\n\tclean\n\tclean\n';
    expect(parseSnapshotTree(text)?.map(({ path }) => path)).toEqual(['clean', 'clean/clean', 'clean/clean']);
  });

  test('names are taken as they are', () => {
    const names = [
      '-dash',
      ' in front',
      'at the end ',
      '"quoted"',
      "it's",
      '100%',
      'a/b',
      'スナップ',
      '*?[x]',
      '$HOME',
    ];
    const tree = parseSnapshotTree(`Total snapshots: ${names.length}\n${names.join('\n')}\n`);
    expect(tree?.map(({ name }) => name)).toEqual(names);
  });

  test('any tree comes back', () => {
    const name = fc.stringMatching(/^[^\s\p{C}/]([^\p{C}\n\r/]*[^\s\p{C}/])?$/u);
    const entry = fc.tuple(name, fc.nat(4));
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), (entries) => {
        let before = -1;
        const lines = entries.map(([text, wanted]) => {
          before = Math.min(wanted, before + 1);
          return { text, depth: before };
        });
        const shown = lines.map(({ text, depth }) => `${'\t'.repeat(depth)}${text}\n`).join('');
        const tree = parseSnapshotTree(`Total snapshots: ${lines.length}\n${shown}`);
        expect(tree?.map((each) => each.name)).toEqual(lines.map(({ text }) => text));
        expect(tree?.map((each) => each.path.split('/').length)).toEqual(lines.map(({ depth }) => depth + 1));
      }),
    );
  });

  test.each([
    ['nothing', ''],
    ['a name with a line break', 'Total snapshots: 1\nfirst\nline\n'],
    ['fewer than announced', 'Total snapshots: 2\nclean\n'],
    ['a level left out', 'Total snapshots: 2\nbase\n\t\tclean\n'],
    ['no parent', 'Total snapshots: 1\n\tclean\n'],
    ['an error', 'Error: The operation is not supported\n'],
  ])('%s is no tree', (_what, text) => {
    expect(parseSnapshotTree(text)).toBeUndefined();
  });
});

describe('addresses', () => {
  test.each([
    ['192.168.5.130\n', '192.168.5.130'],
    ['10.0.0.12\r\n', '10.0.0.12'],
    ['2001:db8::5\n', '2001:db8::5'],
    ['unknown\n', undefined],
    ['', undefined],
    ['Error: The VMware Tools are not running in the virtual machine: /a.vmx\n', undefined],
    ['169.254.3.4\n', undefined],
    ['fe80::1234\n', undefined],
    ['::1\n', undefined],
    ['127.0.0.1\n', undefined],
    ['172.17.0.1\n', undefined],
    ['0.0.0.0\n', undefined],
    ['224.0.0.251\n', undefined],
    ['192.168.5.130; rm -rf /\n', undefined],
    ['999.1.2.3\n', undefined],
  ])('%j', (text, address) => {
    expect(parseAddress(text)).toBe(address);
  });
});

test.each([
  ['running\n', 'running'],
  ['installed\r\n', 'installed'],
  ['unknown\n', 'unknown'],
  ['Error: The VMware Tools are not running in the virtual machine: /running.vmx\n', 'unknown'],
  ['', 'unknown'],
])('tools: %j', (text, state) => {
  expect(parseToolsState(text)).toBe(state);
});

test.each([
  ['Guest program exited with non-zero exit code: 3\n', 3],
  ['Guest program exited with non-zero exit code: -1073741510\r\n', -1073741510],
  ['Error: Unknown error\n', undefined],
  ['', undefined],
])('exit codes of guests: %j', (text, code) => {
  expect(parseGuestExit(text)).toBe(code);
});

test.each([
  ['\nVMware Workstation 17.6.3 build-24583834 Release\n', { name: 'Workstation', version: '17.6.3' }],
  ['VMware Workstation Pro 17.5.0 build-1', { name: 'Workstation', version: '17.5.0' }],
  ['VMware Fusion 13.6.3 build-24585314 Release', { name: 'Fusion', version: '13.6.3' }],
  ['VMware Fusion e.x.p build-21139760 Release', { name: 'Fusion', version: 'e.x.p' }],
  ['VMware Player 16.2.4 build-20089737', { name: 'Player', version: '16.2.4' }],
  ['bash: vmware-vmx: command not found', undefined],
])('products: %j', (text, product) => {
  expect(parseProduct(text)).toEqual(product);
});

test('the version of vmrun is in its help text', () => {
  expect(parseVmrunVersion('\n\nvmrun version 1.17.0 build-17801498\n\nUsage: vmrun …\n')).toBe(
    '1.17.0 build-17801498',
  );
  expect(parseVmrunVersion('some other program\n')).toBeUndefined();
});

test("Windows' registry names the folder", () => {
  const answer =
    '\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\WOW6432Node\\VMware, Inc.\\VMware Workstation\r\n' +
    '    InstallPath    REG_SZ    C:\\Program Files (x86)\\VMware\\VMware Workstation\\\r\n\r\n';
  expect(parseInstallPath(answer)).toBe('C:\\Program Files (x86)\\VMware\\VMware Workstation\\');
  expect(parseInstallPath('ERROR: The system was unable to find the specified registry key')).toBeUndefined();
});
