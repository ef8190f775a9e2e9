/** Stands in for `prlctl`. See ../README.md. */
import { usage } from './arguments.ts';
import { type Ended, exec, forEver } from './exec.ts';
import { Failure } from './failure.ts';
import { hasFault } from './faults.ts';
import { list, snapshotList } from './list.ts';
import { capture, clone, remove, set, unregister } from './machines.ts';
import { pause, resume, start, stop, suspend } from './power.ts';
import { snapshot, snapshotDelete, snapshotSwitch } from './snapshots.ts';

const ACTIONS: Readonly<Record<string, (args: readonly string[]) => Promise<string | Ended>>> = {
  '--version': async () => 'prlctl version 26.4.1 (57516)\n',
  capture,
  clone,
  delete: remove,
  exec,
  list,
  pause,
  resume,
  set,
  snapshot,
  'snapshot-delete': snapshotDelete,
  'snapshot-list': snapshotList,
  'snapshot-switch': snapshotSwitch,
  start,
  stop,
  suspend,
  unregister,
};

const [action = '', ...args] = process.argv.slice(2);
try {
  if (hasFault('hang') && action !== '--version') await forEver();
  if (hasFault('service-down') && action !== '--version') {
    throw new Failure('Login failed: Unable to connect to Parallels Service');
  }
  const act = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (!act) throw usage(`unrecognized action ${action}`);
  const result = await act(args);
  const ended = typeof result === 'string' ? { exitCode: 0, stdout: result, stderr: '' } : result;
  process.stdout.write(ended.stdout);
  process.stderr.write(ended.stderr);
  process.exitCode = ended.exitCode;
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
