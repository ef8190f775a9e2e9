/** libvirt: domains that people have made, by `virsh`. */
import { createVmDriver } from '../vm/create-driver.ts';
import { createLibvirtControl } from './control.ts';

export const libvirtDriver = createVmDriver(createLibvirtControl());
