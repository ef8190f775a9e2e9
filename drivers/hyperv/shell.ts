/** Which PowerShell runs the scripts. */
import { win32 } from 'node:path';

/**
 * Windows PowerShell 5.1 is a part of Windows, and the Hyper-V module was made for it; PowerShell 7 may load that module
 * through a layer that only hands on copies of its objects. So the path of the first is spelled out, and what PATH says
 * counts on other systems only.
 */
export function shellPath(
  platform: NodeJS.Platform,
  arch: string,
  env: Readonly<Record<string, string | undefined>>,
): string {
  if (platform !== 'win32') return 'pwsh';
  const root = env['SystemRoot'] ?? env['windir'] ?? 'C:\\Windows';
  // A 32-bit process that names System32 gets the 32-bit programs, which have no Hyper-V module.
  const system = arch === 'ia32' ? 'Sysnative' : 'System32';
  return win32.join(root, system, 'WindowsPowerShell', 'v1.0', 'powershell.exe');
}
