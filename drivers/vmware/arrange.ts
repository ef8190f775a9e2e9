/** The log of a serial port. */
import { writeFile } from 'node:fs/promises';
import type { Arranged, StartPlan, VmRef } from '../vm/control.ts';
import { changeVmx } from './change-vmx.ts';

export async function arrange(vm: VmRef, { consoleLog }: StartPlan): Promise<Arranged> {
  if (consoleLog === undefined) return { consoleLog: false };
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
