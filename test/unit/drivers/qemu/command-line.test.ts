import { describe, expect, test } from 'vitest';
import { commandLine, type MachineFiles, type MachineSpec } from '../../../../drivers/qemu/command-line.ts';

const MIB = 1024 ** 2;

const spec: MachineSpec = {
  arch: 'x86_64',
  machine: 'q35',
  accel: 'kvm',
  cpu: 'host',
  cpus: 2,
  memory: 512 * MIB,
  windows: false,
  firmware: { kind: 'default' },
  diskBus: 'virtio',
  network: 'user',
  netDevice: 'virtio-net-pci',
  vga: 'std',
  agent: true,
  args: [],
};

const files: MachineFiles = {
  name: 'vmtest-abcdefgh',
  disk: { path: '/m/disk.qcow2', below: [] },
  qmp: '/m/qmp.sock',
  agent: '/m/agent.sock',
  console: '/m/console.sock',
  consoleLog: '/logs/console.log',
  guestPort: 22,
};

/** The values of every occurrence of an option. */
function values(
  option: string,
  change: Partial<MachineSpec> = {},
  also: Partial<MachineFiles> = {},
): string[] {
  const argv = commandLine('qemu', { ...spec, ...change }, { ...files, ...also });
  return argv.flatMap((word, index) => (argv[index - 1] === option ? [word] : []));
}

describe('the command line', () => {
  test('of a usual machine', () => {
    expect(commandLine('/usr/bin/qemu-system-x86_64', spec, files).join('\n')).toMatchInlineSnapshot(`
      "/usr/bin/qemu-system-x86_64
      -name
      guest=vmtest-abcdefgh,debug-threads=on
      -nodefaults
      -no-user-config
      -display
      none
      -machine
      q35
      -accel
      kvm
      -cpu
      host
      -smp
      2
      -m
      512M
      -rtc
      base=utc,clock=host
      -blockdev
      {"node-name":"disk0","driver":"qcow2","discard":"unmap","cache":{"no-flush":true},"file":{"driver":"file","filename":"/m/disk.qcow2","discard":"unmap","cache":{"no-flush":true}}}
      -device
      virtio-blk-pci,drive=disk0,id=vda,bootindex=1
      -netdev
      user,id=net0,hostfwd=tcp:127.0.0.1:0-:22
      -device
      virtio-net-pci,netdev=net0,romfile=
      -vga
      std
      -device
      virtio-rng-pci
      -device
      vmgenid,guid=auto
      -device
      pvpanic
      -chardev
      socket,id=qmp,path=/m/qmp.sock,server=on,wait=off
      -qmp
      chardev:qmp
      -chardev
      socket,id=console,path=/m/console.sock,server=on,wait=off,logfile=/logs/console.log,logappend=on
      -serial
      chardev:console
      -device
      virtio-serial-pci
      -chardev
      socket,id=agent,path=/m/agent.sock,server=on,wait=off
      -device
      virtserialport,chardev=agent,id=agent0,name=org.qemu.guest_agent.0
      -S"
    `);
  });

  test('names the files below the disk, whatever its header says', () => {
    const below = [
      { path: '/t/disk.qcow2', format: 'qcow2' },
      { path: '/i/disk.img', format: 'raw' },
    ];
    const node = JSON.parse(values('-blockdev', {}, { disk: { path: '/m/disk.qcow2', below } })[0] ?? '');
    expect(node).toMatchObject({
      file: { filename: '/m/disk.qcow2' },
      backing: {
        driver: 'qcow2',
        file: { filename: '/t/disk.qcow2' },
        backing: { driver: 'raw', file: { filename: '/i/disk.img' } },
      },
    });
  });

  test('never listens on another address than loopback', () => {
    for (const network of ['user', 'restrict'] as const) {
      const [netdev] = values('-netdev', { network });
      expect(netdev).toContain('hostfwd=tcp:127.0.0.1:0-:22');
      expect(netdev?.includes('restrict=on')).toBe(network === 'restrict');
    }
    expect(values('-netdev', { network: 'none' })).toEqual([]);
    expect(values('-device', { network: 'none' }).join()).not.toContain('net');
  });

  test('has the memory in a file under the name that QEMU gives it itself', () => {
    const memory = { path: '/t/ram.bin', use: 'record' } as const;
    expect(values('-machine', {}, { memory })).toEqual(['q35,memory-backend=pc.ram']);
    expect(JSON.parse(values('-object', {}, { memory })[0] ?? '')).toEqual({
      'qom-type': 'memory-backend-file',
      id: 'pc.ram',
      size: 512 * MIB,
      'mem-path': '/t/ram.bin',
      share: true,
    });
    const arm = { arch: 'aarch64', machine: 'virt' } as const;
    expect(values('-machine', arm, { memory })).toEqual(['virt,memory-backend=mach-virt.ram']);
  });

  test('maps the memory of a clone privately, and for reading only where QEMU can', () => {
    const object = (use: 'private' | 'private-readonly') =>
      JSON.parse(values('-object', {}, { memory: { path: '/t/ram.bin', use } })[0] ?? '');
    expect(object('private')).toMatchObject({ share: false });
    expect(object('private')).not.toHaveProperty('readonly');
    expect(object('private-readonly')).toMatchObject({ share: false, readonly: true, rom: 'off' });
  });

  test('continues a state, or wakes a snapshot', () => {
    expect(values('-incoming', {}, { from: 'incoming' })).toEqual(['defer']);
    expect(values('-loadvm', {}, { from: { snapshot: 'two words' } })).toEqual(['two words']);
    expect(values('-incoming')).toEqual([]);
  });

  test('limits the buffer for translated code under emulation', () => {
    expect(values('-accel', { accel: 'tcg' })).toEqual(['tcg,tb-size=128']);
  });

  test('gives UEFI its code for reading and its variables for writing', () => {
    const firmware = {
      kind: 'flash',
      code: { path: '/fw/CODE.fd', format: 'raw' },
      vars: { path: '/fw/VARS.fd', format: 'raw' },
    } as const;
    expect(values('-drive', { firmware }, { vars: '/m/vars.qcow2' })).toEqual([
      'if=pflash,unit=0,format=raw,file=/fw/CODE.fd,readonly=on',
      'if=pflash,unit=1,format=qcow2,file=/m/vars.qcow2,cache=unsafe',
    ]);
    expect(values('-bios', { firmware: { kind: 'file', path: '/fw/one.fd' } })).toEqual(['/fw/one.fd']);
  });

  test.each([
    ['virtio', 'virtio-blk-pci,drive=disk0'],
    ['scsi', 'scsi-hd,bus=scsi0.0,drive=disk0'],
    ['sata', 'ide-hd,bus=sata0.0,drive=disk0'],
    ['ide', 'ide-hd,drive=disk0'],
  ] as const)('attaches the disk by %s', (diskBus, device) => {
    expect(values('-device', { diskBus }).join(' ')).toContain(device);
  });

  test('has no disk where there is no image', () => {
    const { diskBus: _, ...diskless } = spec;
    expect(commandLine('qemu', diskless, files)).not.toContain('-blockdev');
  });

  test('suits an aarch64 guest', () => {
    const devices = values('-device', { arch: 'aarch64', machine: 'virt' });
    expect(devices).toContain('virtio-gpu-pci');
    expect(devices).toContain('pvpanic-pci');
    expect(devices.join()).not.toContain('vmgenid');
    expect(values('-vga', { arch: 'aarch64' })).toEqual([]);
    expect(values('-vga', { arch: 'aarch64', vga: 'none' })).toEqual(['none']);
  });

  test('suits a Windows guest', () => {
    expect(values('-rtc', { windows: true })).toEqual(['base=localtime,clock=host']);
    expect(values('-device', { windows: true }).join()).not.toContain('pvpanic');
  });

  test('has no port for an agent that is not wanted', () => {
    expect(commandLine('qemu', { ...spec, agent: false }, files).join()).not.toContain('agent.sock');
  });

  test('ends with the user’s own arguments, as they are', () => {
    const args = ['-device', 'a,b=c', ''];
    expect(commandLine('qemu', { ...spec, args }, files).slice(-3)).toEqual(args);
  });

  test('survives commas in paths', () => {
    const odd = { qmp: '/a,b/qmp.sock', consoleLog: '/c,d/console.log' };
    expect(values('-chardev', {}, odd)[0]).toContain('path=/a,,b/qmp.sock,server');
    expect(values('-chardev', {}, odd)[1]).toContain('logfile=/c,,d/console.log,');
    expect(
      JSON.parse(values('-blockdev', {}, { disk: { path: '/a,b:c"d', below: [] } })[0] ?? '').file.filename,
    ).toBe('/a,b:c"d');
  });
});
