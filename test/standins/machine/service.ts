/**
 * With real vendors a service does the work (VBoxSVC, vmware-vmx, Parallels' dispatcher, Hyper-V's vmms): it brings what it
 * has begun to its end, also when the command that asked for it was killed meanwhile. Here the wrapper in PATH is that command, and
 * the stand-in's own process is the service.
 */
import { CLIENT_VARIABLE } from '../environment.ts';

const LOOK_MS = 50;
/** As of a process that SIGTERM has ended. */
const ENDED = 143;

const client = Number(process.env[CLIENT_VARIABLE]);
let served = 0;

/** Work that no end of the command interrupts. */
export async function serve<T>(work: () => T | Promise<T>): Promise<T> {
  served += 1;
  try {
    return await work();
  } finally {
    served -= 1;
  }
}

// Tests load this too, to make VMs as a person would: nobody is their client.
if (client > 0) {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  setInterval(() => {
    if (process.ppid !== client && served === 0) process.exit(ENDED);
  }, LOOK_MS).unref();
}
