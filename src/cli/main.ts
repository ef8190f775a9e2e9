#!/usr/bin/env node
/** The command's entry. Kept light: what a command needs is loaded when it runs. */
import { version } from '../host/version.ts';

const [first, ...others] = process.argv.slice(2);
if ((first === '--version' || first === '-V') && others.length === 0) {
  process.stdout.write(`${version()}\n`);
} else {
  const { main } = await import('./program.ts');
  process.exitCode = await main(process.argv);
}
