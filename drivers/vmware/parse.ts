/** What `vmrun` and `vmware-vmx` print, as data. Errors are in `errors.ts`. */
import { isIP } from 'node:net';

/** A failure may have exit code 0: the text decides then. The code is 255 on POSIX systems, 4294967295 on Windows. */
export function isFailure({ exitCode, stdout, stderr }: Printed): boolean {
  return exitCode !== 0 || /^Error:/m.test(stdout) || /^Error:/m.test(stderr);
}

export interface Printed {
  exitCode: number | undefined;
  stdout: string;
  stderr: string;
}

/** Paths of `.vmx` files as they were opened; undefined for what is no answer of `list`. */
export function parseRunning(text: string): string[] | undefined {
  return listed(text, 'Total running VMs')?.filter((line) => line.trim() !== '');
}

export interface TreeEntry {
  name: string;
  /** Names from the root, joined by `/`. */
  path: string;
}

/**
 * `listSnapshots … showTree`: each level is one tab further in. Names come out as they are, also when they are not unique.
 * @returns undefined for what is no such tree: also when a name has a line break in it, or begins with a tab.
 */
export function parseSnapshotTree(text: string): TreeEntry[] | undefined {
  const total = /^Total snapshots: (\d+)/m.exec(text)?.[1];
  const lines = listed(text, 'Total snapshots')?.filter((line) => line.trim() !== '');
  if (lines === undefined || lines.length !== Number(total)) return undefined;
  const ancestors: string[] = [];
  const entries: TreeEntry[] = [];
  for (const line of lines) {
    const depth = /^\t*/.exec(line)?.[0].length ?? 0;
    if (depth > ancestors.length) return undefined;
    ancestors.length = depth;
    const name = line.slice(depth);
    ancestors.push(name);
    entries.push({ name, path: ancestors.join('/') });
  }
  return entries;
}

/** The address that the guest's Tools tell, or undefined for anything that nobody could reach the guest by. */
export function parseAddress(text: string): string | undefined {
  const address = text.trim().split(/\s+/).at(-1) ?? '';
  return isIP(address) !== 0 && isReachable(address) ? address : undefined;
}

/**
 * Addresses of `x.y.z.1` are the host's own end of a network, or a bridge that containers of the guest are on; Vagrant's driver
 * passes them over too.
 */
export function isReachable(address: string): boolean {
  return !/^(?:169\.254\.|0\.|127\.0\.0\.1$|::1?$|fe[89ab]|2(?:2[4-9]|[3-5]\d)\.)|^\d+\.\d+\.\d+\.1$/i.test(
    address,
  );
}

/** `installed`: the Tools are there and do not run. Whole words only: error texts have "running" in them. */
export function parseToolsState(text: string): 'running' | 'installed' | 'unknown' {
  const word = text.trim();
  return word === 'running' || word === 'installed' ? word : 'unknown';
}

/** That of a guest's program that failed. It may be negative. */
export function parseGuestExit(text: string): number | undefined {
  const code = /Guest program exited with non-zero exit code: (-?\d+)/.exec(text)?.[1];
  return code === undefined ? undefined : Number(code);
}

/** `vmrun` without arguments tells its own version, which is not the product's. */
export function parseVmrunVersion(text: string): string | undefined {
  return /^vmrun version (\S+(?: build-\d+)?)/m.exec(text)?.[1];
}

export interface Product {
  /** `Workstation`, `Fusion`, `Player`. */
  name: string;
  version: string;
}

/** `vmware-vmx -v`; previews of Fusion have letters for a version. */
export function parseProduct(text: string): Product | undefined {
  const [, name, version] = /VMware (Workstation|Fusion|Player)(?: Pro)? (\w+\.\w+\.\w+)/i.exec(text) ?? [];
  return name === undefined || version === undefined ? undefined : { name, version };
}

/** `reg query … /v InstallPath`. */
export function parseInstallPath(text: string): string | undefined {
  return /^\s*InstallPath\s+REG_SZ\s+(.+?)\s*$/m.exec(text)?.[1];
}

/** The lines after a heading such as `Total running VMs: 2`; warnings may come before it. */
function listed(text: string, heading: string): string[] | undefined {
  const lines = text.replaceAll('\r', '').split('\n');
  const at = lines.findIndex((line) => new RegExp(`^${heading}: \\d+`).test(line));
  return at === -1 ? undefined : lines.slice(at + 1);
}
