/** Where VMware installs its programs. */
import path from 'node:path';

/** `vmrun` is not on PATH on macOS and Windows. */
export function placesOfVmrun(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string[] {
  return usualFolders(platform, env).map((folder) => inFolder(platform, folder, 'vmrun'));
}

/**
 * The program that runs VMs, which knows the product's version.
 * @param vmrun a path, or a bare name when it was found on PATH.
 */
export function placesOfVmx(platform: NodeJS.Platform, env: NodeJS.ProcessEnv, vmrun: string): string[] {
  const { dirname, isAbsolute, join } = platform === 'win32' ? path.win32 : path.posix;
  const beside = isAbsolute(vmrun) ? [dirname(vmrun)] : [];
  if (platform === 'win32') {
    const folders = [...beside, ...usualFolders(platform, env)];
    return folders.flatMap((folder) => [
      join(folder, 'x64', 'vmware-vmx.exe'),
      join(folder, 'vmware-vmx.exe'),
    ]);
  }
  const folders = [
    ...beside,
    ...(platform === 'darwin' ? usualFolders(platform, env) : ['/usr/lib/vmware/bin']),
  ];
  return [...new Set(folders.map((folder) => join(folder, 'vmware-vmx')))];
}

/** Where Windows' registry has the folder of Workstation, a program of 32 bits to it. */
export const REGISTRY_KEYS = ['WOW6432Node\\', ''].map(
  (node) => `HKLM\\SOFTWARE\\${node}VMware, Inc.\\VMware Workstation`,
);

export function inFolder(platform: NodeJS.Platform, folder: string, program: string): string {
  return platform === 'win32' ? path.win32.join(folder, `${program}.exe`) : path.posix.join(folder, program);
}

function usualFolders(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string[] {
  if (platform === 'darwin') {
    const app = env['FUSION_APP_PATH'] ?? '/Applications/VMware Fusion.app';
    return [`${app}/Contents/Library`, `${app}/Contents/Public`];
  }
  if (platform !== 'win32') return ['/usr/bin', '/usr/local/bin'];
  const folders = [env['ProgramFiles(x86)'], env['ProgramFiles']].filter((folder) => folder !== undefined);
  // The last is that of VIX, which brings vmrun to Player.
  return ['VMware Workstation', 'VMware Player', 'VMware VIX'].flatMap((product) =>
    folders.map((folder) => path.win32.join(folder, 'VMware', product)),
  );
}
