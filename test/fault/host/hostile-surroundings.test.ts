/** A few of the hardships of each kind; the whole of them is `campaign.ts`. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CAN_MOUNT } from '../../support/small-disk.ts';
import { HARDSHIPS } from './all.ts';
import { Bed } from './bed.ts';
import { runTrial } from './trial.ts';

/** Those that find most in a second. None of them takes a package that scripts/setup.sh does not install. */
const CHEAP = [
  'full disk: state on a disk of 4m',
  'full disk: results on a disk of 1m',
  'full disk: cache on a disk of 1m',
  'read-only folder: cache',
  'open files: at most 20',
  'open files: at most 40',
  'rights: state of another user',
  'missing: no HOME where folders can be made',
  'ports: no port left',
];

// Mounts, namespaces and other users.
describe.skipIf(!CAN_MOUNT)('on a host (making it ill takes root on Linux)', () => {
  let bed: Bed;
  beforeAll(async () => {
    bed = await Bed.create();
  });
  afterAll(() => bed?.end());

  test.each(CHEAP)('%s: it is said, nothing is left, no verdict is wrong', async (wanted) => {
    const hardship = HARDSHIPS.find(({ kind, name }) => `${kind}: ${name}` === wanted);
    if (!hardship) throw new Error(`there is no such hardship: ${wanted}`);
    const { leaks, wrong, hung } = await runTrial(bed, hardship);
    expect({ leaks, wrong, hung }).toEqual({ leaks: [], wrong: [], hung: false });
  });
});
