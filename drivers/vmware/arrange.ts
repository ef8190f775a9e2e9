/** The log of a serial port. Only clones get one: the `.vmx` of a person's VM is not ours to change. */
import { writeFile } from 'node:fs/promises';
import type { Arranged, StartPlan, VmContext, VmRef } from '../vm/control.ts';
import { changeVmx } from './change-vmx.ts';
import { isClone } from './clone.ts';

export async function arrange(vm: VmRef, { consoleLog }: StartPlan, { host }: VmContext): Promise<Arranged> {
  if (!(await isClone(vm.id, host))) return { consoleLog: false };
  // There from the start, also for a guest that never writes to its serial port.
  await writeFile(consoleLog, '');
  await changeVmx(vm.id, {
    'serial0.present': 'TRUE',
    'serial0.fileType': 'file',
    'serial0.fileName': consoleLog,
    'serial0.startConnected': 'TRUE',
    // The file exists, and VMware would ask what to do with it.
    'answer.msg.serial.file.open': 'Append',
  });
  return { consoleLog: true };
}
