/** Disks for the machines of tests: `createmedium`, `storagectl`, `storageattach`, as far as tests make them. */
import { randomUUID } from 'node:crypto';
import { type Command, PROGRESS } from '../command.ts';
import { notCovered } from '../failure.ts';
import { addMedium } from '../media.ts';
import { parseOptions } from '../options.ts';
import { changing, findMachine, lockForWriting } from '../state.ts';

export const createmedium: Command = async (args, io) => {
  const { words, values } = parseOptions(args, { '--filename': 'value', '--size': 'value' });
  const path = values.get('--filename');
  if (words[0] !== 'disk' || path === undefined || !values.has('--size'))
    throw notCovered('createmedium like that');
  const uuid = randomUUID();
  await changing((registry) => addMedium(registry, { uuid, path }));
  io.err(PROGRESS);
  io.out(`Medium created. UUID: ${uuid}`);
  return 0;
};

export const storagectl: Command = async (args) => {
  const { words, values } = parseOptions(args, {
    '--name': 'value',
    '--add': 'value',
    '--portcount': 'value',
  });
  const name = values.get('--name');
  if (name === undefined || values.get('--add') !== 'sata') throw notCovered('storagectl like that');
  await changing((registry) => {
    const machine = findMachine(registry, words[0] ?? '');
    lockForWriting(machine);
    const ports = Number(values.get('--portcount') ?? 30);
    machine.hardware.controllers.push({ name, ports, media: {} });
  });
  return 0;
};

export const storageattach: Command = async (args) => {
  const { words, values } = parseOptions(args, {
    '--storagectl': 'value',
    '--port': 'value',
    '--device': 'value',
    '--type': 'value',
    '--medium': 'value',
  });
  if (values.get('--type') !== 'hdd' || values.get('--device') !== '0')
    throw notCovered('storageattach like that');
  await changing((registry) => {
    const machine = findMachine(registry, words[0] ?? '');
    lockForWriting(machine);
    const controller = machine.hardware.controllers.find(({ name }) => name === values.get('--storagectl'));
    const medium = registry.media.find(({ path }) => path === values.get('--medium'));
    if (!controller || !medium) throw notCovered('storageattach of what is not there');
    controller.media[values.get('--port') ?? '0'] = medium.uuid;
  });
  return 0;
};
