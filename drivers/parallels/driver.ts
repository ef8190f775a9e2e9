/** Parallels Desktop. */
import { createVmDriver } from '../vm/create-driver.ts';
import { createParallelsControl } from './control.ts';

export const parallelsDriver = createVmDriver(createParallelsControl());
