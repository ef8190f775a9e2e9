/** VMware's programs on this host: where they are, and which product they belong to. */
import { VmtestError } from '../../src/host/errors.ts';
import type { ExecResult } from '../../src/host/exec.ts';
import type { Host } from '../../src/host/host.ts';
import { PerHost } from '../../src/host/per-host.ts';
import { type Product, parseInstallPath, parseProduct, parseVmrunVersion } from './parse.ts';
import { inFolder, placesOfVmrun, placesOfVmx, REGISTRY_KEYS } from './places.ts';
import type { Edition, VmwareOptions } from './schema.ts';

export interface Programs {
  vmrun: string;
  /** `1.17.0 build-17801498`; it is not the product's. */
  vmrunVersion: string;
  /** Unknown where `vmware-vmx` is not in one of its usual places. */
  product?: Product;
  edition: Edition;
}

/** Milliseconds. Programs that only print what they are. */
const TELL_MS = 20_000;

/** Asking takes some tenths of a second, and what is installed stays the same while a run lasts. */
const known = new PerHost<Map<string, Installed>>();

type Installed = Omit<Programs, 'edition'>;

/** @throws VmtestError `VMWARE_MISSING` */
export async function findPrograms(
  host: Host,
  { vmrun, edition = 'auto' }: Pick<VmwareOptions, 'vmrun' | 'edition'>,
  signal: AbortSignal,
): Promise<Programs> {
  const installed = await once(host, vmrun, () => lookAround(host, vmrun, signal));
  return {
    ...installed,
    edition: edition === 'auto' ? editionOf(installed.product, process.platform) : edition,
  };
}

export function editionOf(product: Product | undefined, platform: NodeJS.Platform): Edition {
  if (platform === 'darwin') return 'fusion';
  return product?.name.toLowerCase() === 'player' ? 'player' : 'ws';
}

/** Only answers are kept: a question that was cut off says nothing to those who ask later. */
async function once(
  host: Host,
  vmrun: string | undefined,
  ask: () => Promise<Installed>,
): Promise<Installed> {
  const ofHost = known.get(host) ?? new Map<string, Installed>();
  known.set(host, ofHost);
  const key = vmrun ?? '';
  const installed = ofHost.get(key) ?? (await ask());
  ofHost.set(key, installed);
  return installed;
}

async function lookAround(host: Host, named: string | undefined, signal: AbortSignal): Promise<Installed> {
  const { platform, env } = process;
  const places = named === undefined ? ['vmrun', ...(await installedPlaces(host, signal))] : [named];
  let heard = '';
  for (const vmrun of places) {
    const said = await tell(host, [vmrun], signal);
    const vmrunVersion = parseVmrunVersion(said);
    if (vmrunVersion === undefined) {
      heard ||= said.trim();
      continue;
    }
    const product = await findProduct(host, placesOfVmx(platform, env, vmrun), signal);
    return { vmrun, vmrunVersion, ...(product ? { product } : {}) };
  }
  throw missing(named, heard);
}

async function installedPlaces(host: Host, signal: AbortSignal): Promise<string[]> {
  const { platform, env } = process;
  if (platform !== 'win32') return placesOfVmrun(platform, env);
  const told = await Promise.all(
    REGISTRY_KEYS.map((key) => tell(host, ['reg', 'query', key, '/v', 'InstallPath'], signal)),
  );
  const folders = told.map(parseInstallPath).filter((folder) => folder !== undefined);
  return [...folders.map((folder) => inFolder(platform, folder, 'vmrun')), ...placesOfVmrun(platform, env)];
}

async function findProduct(
  host: Host,
  places: readonly string[],
  signal: AbortSignal,
): Promise<Product | undefined> {
  for (const vmx of ['vmware-vmx', ...places]) {
    const product = parseProduct(await tell(host, [vmx, '-v'], signal));
    if (product) return product;
  }
  return undefined;
}

/** All that a program prints, on whatever stream; nothing for one that is not there or does not run. */
async function tell(host: Host, argv: [string, ...string[]], signal: AbortSignal): Promise<string> {
  try {
    const { stdout, stderr }: ExecResult = await host.exec(argv, { timeout: TELL_MS, signal });
    return `${stdout}\n${stderr}`;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof VmtestError) return '';
    throw error;
  }
}

/** Characters of an answer that is told to people. */
const SHOWN = 80;

/** @param heard what was said in place of what VMware's says. */
function missing(vmrun: string | undefined, heard: string): VmtestError {
  const found = `${vmrun ?? 'the vmrun on this host'} is not VMware's vmrun`;
  const said = heard === '' ? '' : `: it says ${JSON.stringify(heard.slice(0, SHOWN))}`;
  const message = vmrun === undefined && heard === '' ? 'vmrun was not found' : `${found}${said}`;
  return new VmtestError('VMWARE_MISSING', message, {
    hint:
      vmrun === undefined
        ? 'Install VMware Workstation or Fusion, or name the program in `vmrun` of the target.'
        : 'Check `vmrun` of the target: it is the path of the program.',
  });
}
