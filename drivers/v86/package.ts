/** The npm package with the emulator, and the program of our own that runs it in a process. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** Its version, or undefined when it is not installed. */
export async function emulatorVersion(): Promise<string | undefined> {
  try {
    const path = createRequire(import.meta.url).resolve('v86/package.json');
    return (JSON.parse(await readFile(path, 'utf8')) as { version: string }).version;
  } catch {
    return undefined;
  }
}

/** What runs a machine: Node, its options, and the program. */
export function machineProgram(): [string, ...string[]] {
  // Compiled, this file and the program end in .js; in the repository they are run as they are.
  const extension = extname(fileURLToPath(import.meta.url));
  const program = fileURLToPath(new URL(`./machine/main${extension}`, import.meta.url));
  return [process.execPath, ...(extension === '.ts' ? loader() : []), program];
}

/** Node 20 needs help with TypeScript. The help is found from here, whatever folder the process starts in. */
function loader(): string[] {
  return ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href];
}
