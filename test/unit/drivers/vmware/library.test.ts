import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseDictionary } from '../../../../drivers/vmware/dictionary.ts';
import { listedVms, listVms, placesOf } from '../../../../drivers/vmware/library.ts';
import { scratchFolder } from '../../../support/scratch.ts';

const inventory = `.encoding = "UTF-8"
vmlist1.config = "/vms/a b/a b.vmx"
vmlist1.DisplayName = "|22A|22"
vmlist2.config = "folder1"
vmlist2.Type = "2"
vmlist2.DisplayName = "group1"
vmlist3.config = ""
vmlist10.config = "D:\\VMs\\win11\\win11.vmx"
index0.id = "/vms/a b/a b.vmx"
`;

test('the list of the window has VMs, folders and leftovers', () => {
  expect(listedVms(parseDictionary(Buffer.from(inventory)))).toEqual([
    { vmx: '/vms/a b/a b.vmx', name: '"A"' },
    { vmx: 'D:\\VMs\\win11\\win11.vmx', name: '' },
  ]);
});

describe('all VMs', () => {
  test('from the list and from the folder, each once, by the name in their own file', async () => {
    const home = await scratchFolder();
    const make = async (folder: string, name: string, text: string) => {
      await mkdir(join(home, folder), { recursive: true });
      const vmx = join(home, folder, `${name}.vmx`);
      await writeFile(vmx, text);
      return vmx;
    };
    const listed = await make('far', 'a', 'displayName = "renamed"\n');
    const both = await make('vmware/b.vmwarevm', 'b', '');
    const lying = await make('vmware/c', 'c', 'displayName = "in the folder"\n');
    await writeFile(join(home, 'vmware', 'a file'), '');
    await writeFile(
      join(home, 'inventory.vmls'),
      `vmlist1.config = "${listed}"\nvmlist1.DisplayName = "old"\nvmlist2.config = "${both}"\nvmlist3.config = "/gone/x.vmx"\n`,
    );
    const vms = await listVms({
      inventories: [join(home, 'inventory.vmls'), join(home, 'none')],
      folders: [join(home, 'vmware'), join(home, 'none')],
    });
    expect(vms).toEqual([
      { id: listed, name: 'renamed' },
      { id: both, name: 'b' },
      { id: lying, name: 'in the folder' },
    ]);
  });

  test('the places of each system', () => {
    expect(placesOf('linux', {}, '/home/u').inventories).toEqual(['/home/u/.vmware/inventory.vmls']);
    expect(placesOf('darwin', {}, '/Users/u').folders).toContain('/Users/u/Virtual Machines.localized');
    expect(placesOf('win32', { APPDATA: 'C:\\Users\\u\\AppData\\Roaming' }, 'C:\\Users\\u')).toEqual({
      inventories: ['C:\\Users\\u\\AppData\\Roaming\\VMware\\inventory.vmls'],
      folders: ['C:\\Users\\u\\Documents\\Virtual Machines'],
    });
  });
});
