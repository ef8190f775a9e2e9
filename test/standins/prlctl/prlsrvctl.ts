/** Stands in for `prlsrvctl`: the license, which is all that is asked of it. */
import { hasFault } from './faults.ts';

const asked = process.argv.slice(2).join(' ');
if (hasFault('service-down')) {
  process.stderr.write('Login failed: Unable to connect to Parallels Service\n');
  process.exitCode = 255;
} else if (asked === 'info --license --json') {
  const edition = hasFault('standard-edition') ? 'standard' : 'pro';
  process.stdout.write(`${JSON.stringify({ state: 'valid', key: '******', edition })}\n`);
} else {
  process.stderr.write(`unrecognized arguments ${asked}\nUsage: prlsrvctl ACTION [OPTIONS]\n`);
  process.exitCode = 1;
}
