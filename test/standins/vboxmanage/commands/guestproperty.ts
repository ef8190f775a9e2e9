/** `guestproperty`: what the Additions in the guest report, and what people have set. */
import { guestAgent } from '../../machine/backing.ts';
import type { Command, Io } from '../command.ts';
import { notCovered, usageFailure } from '../failure.ts';
import { parseOptions } from '../options.ts';
import { changing, findMachine, looking, type Machine } from '../state.ts';

type Properties = Record<string, { value: string; time: string }>;

export const guestproperty: Command = async ([verb, ...args], io) => {
  if (verb !== 'get' && verb !== 'set' && verb !== 'enumerate')
    throw usageFailure(`Unknown subcommand: ${verb}`);
  if (verb === 'enumerate') return enumerate(args, io);
  const [wanted, name, value, ...more] = args;
  if (wanted === undefined || name === undefined || more.length > 0)
    throw usageFailure('Incorrect parameters');
  if (verb === 'set') {
    await changing((registry) => {
      const { properties } = findMachine(registry, wanted);
      properties[name] = { value: value ?? '', time: stamp() };
    });
    return 0;
  }
  if (value !== undefined) throw notCovered('guestproperty get --verbose');
  const found = (await propertiesOf(findMachine(await looking(), wanted)))[name];
  io.out(found ? `Value: ${found.value}` : 'No value set!');
  return 0;
};

async function enumerate(args: string[], io: Io): Promise<number> {
  const { words, values } = parseOptions(args, { '--patterns': 'value', '--old-format': 'flag' });
  const [wanted, pattern = values.get('--patterns') ?? '*'] = words;
  if (wanted === undefined) throw usageFailure('Incorrect parameters');
  const all = await propertiesOf(findMachine(await looking(), wanted));
  const fits = new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`);
  const found = Object.entries(all)
    .filter(([name]) => fits.test(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  if (found.length === 0) io.out('No properties found.');
  const width = Math.max(...found.map(([name]) => name.length));
  const wide = Math.max(...found.map(([, { value }]) => value.length));
  for (const [name, { value, time }] of found) {
    const quoted = `'${value}'`.padEnd(wide + 2);
    if (values.has('--old-format'))
      io.out(`Name: ${name}, value: ${value}, timestamp: ${nanoseconds(time)}, flags: `);
    else io.out(`${name.padEnd(width)} = ${quoted} @ ${time}`);
  }
  return 0;
}

/** The Additions of a running machine report the addresses that its guest has. */
async function propertiesOf(machine: Machine): Promise<Properties> {
  const { properties, hardware, state, address, backing } = machine;
  const [nic] = Object.values(hardware.nics);
  if (state !== 'running' || !nic) return properties;
  const answers = await guestAgent({ folder: backing }, 'guest-ping').then(
    () => true,
    () => false,
  );
  if (!answers) return properties;
  const net = '/VirtualBox/GuestInfo/Net';
  const time = stamp();
  const ip = nic.kind === 'nat' ? '10.0.2.15' : address;
  return {
    ...properties,
    [`${net}/Count`]: { value: '1', time },
    [`${net}/0/V4/IP`]: { value: ip, time },
    [`${net}/0/MAC`]: { value: nic.mac, time },
  };
}

function stamp(): string {
  return new Date().toISOString();
}

function nanoseconds(time: string): string {
  return `${Date.parse(time)}000000`;
}
