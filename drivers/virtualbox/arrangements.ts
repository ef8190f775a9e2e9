/** What a VM gets between restore and start: a forwarded port where its adapter is behind NAT, and a log of its console. */
import type { Arranged, StartPlan, VmContext, VmRef } from '../vm/control.ts';
import { forwardOptions, freePort, LOOPBACK, portTaken, saysPortTaken } from './forward.ts';
import type { MachineInfo } from './machine-info.ts';
import { manage } from './tool.ts';

export class Arrangements {
  /** By the id of the VM: the port that its start has to have got. */
  readonly #ports = new Map<string, number>();

  /**
   * Serial ports belong to the hardware, which a saved VM cannot change. The option's old spelling is known to 6.1 and
   * to 7.2.
   */
  async make(machine: MachineInfo, plan: StartPlan, { host, target, signal }: VmContext): Promise<Arranged> {
    const { uuid, name, nics, state } = machine;
    const { address, port: guestPort } = target.guest;
    this.#ports.delete(uuid);
    const nat = address === undefined ? nics.find(({ kind }) => kind === 'nat') : undefined;
    const port = nat ? await freePort() : undefined;
    const options: string[] = [];
    if (nat && port !== undefined) options.push(...forwardOptions(nat, port, guestPort));
    const log = state === 'off' ? plan.consoleLog : undefined;
    if (log !== undefined) options.push('--uart1', '0x3F8', '4', '--uartmode1', 'file', log);
    if (options.length > 0) {
      await manage(host, ['modifyvm', uuid, ...options], {
        signal,
        doing: `preparing ${name} for its start`,
      });
    }
    if (port !== undefined) this.#ports.set(uuid, port);
    return {
      consoleLog: log !== undefined,
      ...(port === undefined ? {} : { port: { host: LOOPBACK, port } }),
    };
  }

  /** After the start. @throws VmtestError `VIRTUALBOX_PORT_TAKEN` when the VM runs without its port; it is off then. */
  async check(vm: VmRef, context: VmContext): Promise<void> {
    const port = this.#ports.get(vm.id);
    if (port === undefined) return;
    this.#ports.delete(vm.id);
    const { host, signal } = context;
    const log = await manage(host, ['showvminfo', vm.id, '--log', '0'], {
      signal,
      doing: `reading the log of ${vm.name}`,
    });
    if (!saysPortTaken(log, port)) return;
    await manage(host, ['controlvm', vm.id, 'poweroff'], { signal, doing: `powering ${vm.name} off` });
    throw portTaken(port);
  }
}
