/** Programs of the tests in one file, for processes that know nothing of TypeScript. */
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** @param entry the program's source, as `new URL('…', import.meta.url)`. */
export async function bundle(entry: URL, outfile: string): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(entry)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    // What was CommonJS asks for `require`.
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
}
