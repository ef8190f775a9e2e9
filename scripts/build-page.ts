/**
 * Makes the script and the style of `report.html` of the modules in `reporters/html/client/`: part of `npm run build`.
 * They are published beside the reporter, which puts them into every page.
 */
import { build } from 'esbuild';

await build({
  entryPoints: { page: 'reporters/html/client/main.ts' },
  outdir: 'dist/reporters/html/assets',
  bundle: true,
  minify: true,
  format: 'esm',
  // Compressed streams and light-dark() came with these.
  target: ['chrome123', 'firefox120', 'safari17.5'],
  legalComments: 'none',
  logLevel: 'warning',
});
