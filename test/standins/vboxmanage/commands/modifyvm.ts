/** `modifyvm`: options are applied one by one; the first that fails ends it, and nothing is kept. */
import type { Command, Io } from '../command.ts';
import { comFailure, Failure, plainFailure, usageFailure } from '../failure.ts';
import { writeSettings } from '../settings-file.ts';
import { changing, findMachine, lockForWriting, type Machine, type Nic, newMac } from '../state.ts';

const NAT = { component: 'NATEngineWrap', iface: 'INATEngine' };

export const modifyvm: Command = async (args, io) => {
  if (args.length < 2) throw usageFailure('Not enough parameters', { again: true });
  const [wanted = '', ...options] = args;
  await changing(async (registry) => {
    const machine = findMachine(registry, wanted);
    lockForWriting(machine);
    const changed = structuredClone(machine);
    for (const words = spread(options); words.length > 0; ) apply(changed, words, io);
    Object.assign(machine, changed);
    await writeSettings(machine);
  });
  return 0;
};

/** `--name=value` as two words. */
function spread(options: readonly string[]): string[] {
  return options.flatMap((word) => {
    const [, name, value] = /^(--[^=]+)=([\s\S]*)$/.exec(word) ?? [];
    return name === undefined ? [word] : [name, value as string];
  });
}

function apply(machine: Machine, words: string[], io: Io): void {
  const option = words.shift() as string;
  const next = () => {
    const value = words.shift();
    if (value === undefined) throw usageFailure(`Missing argument to '${option}'`);
    return value;
  };
  const { hardware } = machine;
  const [, name = option, slot = ''] =
    /^(--nic|--natpf|--nat-pf|--uart-mode|--uartmode|--uart)(\d+)$/.exec(option) ?? [];
  switch (name) {
    case '--memory':
      mutable(machine, 1);
      hardware.memory = Number(next());
      break;
    case '--cpus':
      mutable(machine, 1);
      hardware.cpus = Number(next());
      break;
    case '--description':
      hardware.description = next();
      break;
    case '--nic':
      mutable(machine, 1);
      setNic(machine, slot, next());
      break;
    case '--natpf':
    case '--nat-pf': {
      const value = next();
      if (!hardware.nics[slot] && Number(slot) > 8) {
        io.err(`VBoxManage: error: Invalid NIC number ${slot}`);
        break;
      }
      forward(hardware.nics[slot] as Nic, value, value === 'delete' ? next() : '');
      break;
    }
    case '--uart': {
      mutable(machine, 3);
      const address = next();
      if (address === 'off') delete hardware.uart;
      else hardware.uart = { address, irq: next(), mode: 'disconnected' };
      break;
    }
    case '--uart-mode':
    case '--uartmode': {
      mutable(machine, 1);
      const mode = next();
      if (hardware.uart) hardware.uart.mode = mode === 'disconnected' ? mode : `${mode},${next()}`;
      break;
    }
    default:
      throw usageFailure(`Unknown option: ${option}`, { exitCode: 1, again: true });
  }
}

function setNic({ hardware }: Machine, slot: string, kind: string): void {
  if (kind === 'none') delete hardware.nics[slot];
  else hardware.nics[slot] = { kind, mac: hardware.nics[slot]?.mac ?? newMac(), rules: [] };
}

function forward(nic: Nic, value: string, name: string): void {
  if (value === 'delete') {
    const left = nic.rules.filter((rule) => rule.split(',')[0] !== name);
    if (left.length === nic.rules.length) {
      const text =
        'Code NS_ERROR_INVALID_ARG (0x80070057) - Invalid argument value (extended info not available)';
      throw new Failure(
        [text, 'Context: "…" at line 1 of file VBoxManage.cpp'].map(
          (line) => plainFailure(line).lines[0] as string,
        ),
      );
    }
    nic.rules = left;
    return;
  }
  const fields = value.split(',');
  if (fields.length !== 6) throw usageFailure("Missing or invalid argument to '--natpf'", { again: true });
  const port = (rule: string) => rule.split(',').slice(1, 4).join(',');
  if (nic.rules.some((rule) => rule.split(',')[0] === fields[0]))
    throw comFailure('A NAT rule of this name already exists', 'NS_ERROR_INVALID_ARG', NAT);
  if (nic.rules.some((rule) => port(rule) === port(value)))
    throw comFailure(
      'A NAT rule for this host port and this host IP already exists',
      'NS_ERROR_INVALID_ARG',
      NAT,
    );
  nic.rules.push(value);
}

/** Hardware of a saved machine stays as it is; each of the option's settings says so. NAT rules may change. */
function mutable({ state }: Machine, settings: number): void {
  if (state !== 'saved') return;
  const at = { component: 'SessionMachine', iface: 'IMachine' };
  const { lines } = comFailure('The machine is not mutable (state is Saved)', 'VBOX_E_INVALID_VM_STATE', at);
  throw new Failure(Array.from({ length: settings }, () => lines).flat());
}
