/** `list` and `snapshot-list`. */
import { guestAgent } from '../machine/backing.ts';
import { type Arguments, parseArguments, usage } from './arguments.ts';
import { Failure } from './failure.ts';
import { hasFault } from './faults.ts';
import { allVms, backingOf, lookUp, statusOf, type Vm } from './state.ts';

/** Milliseconds. The address is known once the guest's tools tell it. */
const TOOLS_MS = 400;
const COLUMNS = ['uuid', 'status', 'ip_configured', 'name', 'mac'];

export async function list(args: readonly string[]): Promise<string> {
  const grammar = {
    flags: ['--all', '--full', '--json', '--info', '--no-header', '--template'],
    values: ['-o'],
  };
  const ofOne = args[0] !== undefined && !args[0].startsWith('-');
  const parsed = parseArguments(args, { words: ofOne ? 1 : 0, ...grammar });
  if (parsed.has('--info')) return info(parsed);
  const rows: Record<string, string>[] = [];
  const wanted = parsed.words[0];
  const found = wanted === undefined ? await allVms() : [await lookUp(wanted, 'get VM config')].map(pair);
  for (const [id, vm] of parsed.has('--template') ? [] : found) {
    const row = await rowOf(id, vm, parsed.has('--full'));
    if (wanted !== undefined || parsed.has('--all') || row['status'] === 'running') rows.push(row);
  }
  if (parsed.has('--json')) return json(rows.map(({ mac: _, ...row }) => row));
  return table(rows, parsed);
}

export async function snapshotList(args: readonly string[]): Promise<string> {
  const parsed = parseArguments(args, { words: 1, flags: ['--json'] });
  const { vm } = await lookUp(parsed.words[0] as string, 'get VM config');
  const entries = Object.entries(vm.snapshots);
  if (entries.length === 0) return '';
  if (!parsed.has('--json'))
    return `PARENT_SNAPSHOT_ID  SNAPSHOT_ID\n${entries.map(([id]) => id).join('\n')}\n`;
  return json(Object.fromEntries(entries.map(([id, each]) => [id, { ...each, current: id === vm.current }])));
}

function pair({ id, vm }: { id: string; vm: Vm }): [string, Vm] {
  return [id, vm];
}

async function rowOf(id: string, vm: Vm, full: boolean): Promise<Record<string, string>> {
  const status = await statusOf(id, vm);
  const address = full && status === 'running' && (await toolsAnswer(id, vm)) ? vm.address : '-';
  return { uuid: `{${id}}`, status, ip_configured: address, name: vm.name, mac: vm.mac };
}

async function toolsAnswer(id: string, { tools }: Vm): Promise<boolean> {
  if (tools !== 'installed' || hasFault('no-address')) return false;
  return guestAgent(backingOf(id), 'guest-ping', undefined, TOOLS_MS).then(
    () => true,
    () => false,
  );
}

async function info(parsed: Arguments): Promise<string> {
  const [wanted] = parsed.words;
  if (wanted === undefined || !parsed.has('--json')) throw usage('--info is for one VM, with --json');
  const { id, vm } = await lookUp(wanted, 'get VM config');
  if (vm.status === 'invalid')
    throw new Failure('Failed to get VM config: The configuration file is invalid.');
  const net0 = { enabled: true, type: 'shared', mac: vm.mac, card: 'virtio' };
  return json([
    {
      ID: id,
      Name: vm.name,
      Description: '',
      State: await statusOf(id, vm),
      Home: `${vm.home}/`,
      GuestTools: { state: vm.tools, version: '26.4.1-57516' },
      Hardware: { cpu: { cpus: 1, auto: 'off' }, memory: { size: '128Mb', auto: 'off' }, net0 },
      'Host Shared Folders': { enabled: true },
    },
  ]);
}

function table(rows: readonly Record<string, string>[], parsed: Arguments): string {
  const columns = (parsed.get('-o') ?? 'uuid,status,ip_configured,name').split(',');
  for (const column of columns) if (!COLUMNS.includes(column)) throw usage(`unknown column ${column}`);
  const header = parsed.has('--no-header') ? [] : [columns.join(' ').toUpperCase()];
  const lines = rows.map((row) => columns.map((column) => row[column]).join(' '));
  return [...header, ...lines].map((line) => `${line}\n`).join('');
}

function json(value: unknown): string {
  const text = `${JSON.stringify(value, null, 1)}\n`;
  if (!hasFault('junk')) return text;
  return `objc[411]: Class [PrlLog] is implemented in both {1} and {2}\n${text.replace('"', '"\u0001')}`;
}
