import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findFirmware } from '../../../../drivers/qemu/firmware.ts';
import { scratchFolder } from '../../../support/scratch.ts';

describe('UEFI firmware', () => {
  let config: string;
  const before = process.env['XDG_CONFIG_HOME'];
  beforeEach(async () => {
    config = await scratchFolder();
    process.env['XDG_CONFIG_HOME'] = config;
    await mkdir(join(config, 'qemu', 'firmware'), { recursive: true });
  });
  afterEach(() => {
    if (before === undefined) delete process.env['XDG_CONFIG_HOME'];
    else process.env['XDG_CONFIG_HOME'] = before;
  });

  async function describeFirmware(name: string, change: Record<string, unknown> = {}): Promise<string> {
    const code = join(config, `${name}_CODE.fd`);
    const vars = join(config, `${name}_VARS.fd`);
    await Promise.all([writeFile(code, 'c'), writeFile(vars, 'v')]);
    const description = {
      'interface-types': ['uefi'],
      mapping: {
        device: 'flash',
        executable: { filename: code, format: 'raw' },
        'nvram-template': { filename: vars, format: 'raw' },
      },
      targets: [{ architecture: 'x86_64', machines: ['pc-i440fx-*', 'pc-q35-*'] }],
      features: ['acpi-s3'],
      ...change,
    };
    await writeFile(join(config, 'qemu', 'firmware', `${name}.json`), JSON.stringify(description));
    return code;
  }

  const find = () => findFirmware('uefi', 'x86_64', process.execPath);

  test('is the first that is described and fits', async () => {
    await describeFirmware('00-arm', { targets: [{ architecture: 'aarch64', machines: ['virt-*'] }] });
    await describeFirmware('01-secure', { features: ['secure-boot', 'requires-smm'] });
    await describeFirmware('02-bios', { 'interface-types': ['bios'] });
    await describeFirmware('03-memory', { mapping: { device: 'memory', filename: '/x' } });
    await writeFile(join(config, 'qemu', 'firmware', '04-broken.json'), '{');
    const code = await describeFirmware('05-good');
    expect(await find()).toEqual({
      kind: 'flash',
      code: { path: code, format: 'raw' },
      vars: { path: code.replace('CODE', 'VARS'), format: 'raw' },
    });
  });

  test('given as a path comes with the variables beside it', async () => {
    const code = join(config, 'OVMF_CODE.fd');
    await writeFile(code, 'c');
    const given = () => findFirmware({ path: code }, 'x86_64', process.execPath);
    expect(await given()).toEqual({ kind: 'file', path: code });
    await writeFile(join(config, 'OVMF_VARS.fd'), 'v');
    expect(await given()).toMatchObject({ kind: 'flash', vars: { path: join(config, 'OVMF_VARS.fd') } });
    expect(await findFirmware({ path: '/nope.fd' }, 'x86_64', process.execPath)).toBeUndefined();
  });

  test('is not needed for a BIOS boot', async () => {
    expect(await findFirmware('bios', 'x86_64', process.execPath)).toEqual({ kind: 'default' });
  });
});
