/** Before the first test that boots a guest: the engine must be there and the guests built. Never skips. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { debianGuest, type Guest, i386Guest, tinyGuest } from './guests.ts';

const ENGINE = ['qemu-system-x86_64', 'qemu-system-aarch64', 'qemu-img'];

export default async function setup(): Promise<void> {
  for (const program of ENGINE) await mustRun(program);
  await report('tiny amd64', tinyGuest('amd64'));
  await report('tiny arm64', tinyGuest('arm64'));
  await report('tiny i386', i386Guest());
  await report('debian 12', debianGuest(12));
  await report('debian 13', debianGuest(13));
}

async function mustRun(program: string): Promise<void> {
  await promisify(execFile)(program, ['--version']).catch((error: unknown) => {
    throw new Error(`the tests need ${program}: run scripts/setup.sh`, { cause: error });
  });
}

async function report(name: string, guest: Promise<Guest>): Promise<void> {
  const started = performance.now();
  const { folder } = await guest;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  process.stdout.write(`guest ${name}: ${folder} (${seconds} s)\n`);
}
