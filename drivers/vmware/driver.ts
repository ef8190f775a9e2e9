import { createVmDriver } from '../vm/create-driver.ts';
import { vmwareControl } from './control.ts';

export const vmwareDriver = createVmDriver(vmwareControl);
