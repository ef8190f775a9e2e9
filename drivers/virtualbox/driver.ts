/** VirtualBox: VMs with snapshots that people have made, by VBoxManage. */
import type { Driver } from '../driver.ts';
import { createVmDriver } from '../vm/create-driver.ts';
import { createVirtualBoxControl } from './control.ts';

export const virtualboxDriver: Driver = createVmDriver(createVirtualBoxControl());
