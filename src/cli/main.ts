#!/usr/bin/env node
/** The command's entry. Kept light: what a command needs is loaded when it runs. */
import { version } from '../host/this-package.ts';
import { listenForCrash } from './crash.ts';

const LINGER_MS = 500;

listenForCrash();

// Whoever reads the output may stop (`| head`, a closed window): that must neither end a run nor look like a crash. A
// reporter that cannot write is switched off by listeners of its own.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

const [first, ...others] = process.argv.slice(2);
if ((first === '--version' || first === '-V') && others.length === 0) {
  process.stdout.write(`${version()}\n`);
} else {
  const { main } = await import('./program.ts');
  process.exitCode = await main(process.argv);
  // Everything is written and released by now; a forgotten timer must not hold up the shell. Does not itself hold.
  setTimeout(() => process.exit(), LINGER_MS).unref();
}
