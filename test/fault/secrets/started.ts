/** Loaded into a vmtest before its own code (`node --import`): writes down every program that it starts, a line of JSON each. */
import childProcess, { type SpawnOptions } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const told = process.env['VMTEST_STARTED'] ?? '';
// Not what these programs start in their turn: that would be a stand-in's own.
delete process.env['NODE_OPTIONS'];

const spawn = childProcess.spawn;
childProcess.spawn = ((file: string, args: readonly string[], options: SpawnOptions) => {
  appendFileSync(told, `${JSON.stringify([file, ...args])}\n`);
  return spawn(file, args, options);
}) as typeof spawn;
syncBuiltinESMExports();
