import { createVmDriver } from '../vm/create-driver.ts';
import { hypervControl } from './control.ts';

/** Hyper-V, by PowerShell. */
export const hypervDriver = createVmDriver(hypervControl);
