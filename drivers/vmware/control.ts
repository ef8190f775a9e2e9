/** VMware's `vmrun` as verbs. */

import { VmtestError } from '../../src/host/errors.ts';
import { showArgv } from '../../src/host/exec.ts';
import type { VmControl } from '../vm/control.ts';
import { addressOf } from './address.ts';
import { openAgent } from './agent/link.ts';
import { arrange } from './arrange.ts';
import { makeClone, removeClone, whyNoClone } from './clone.ts';
import { BUSY } from './errors.ts';
import { findVm } from './find.ts';
import { listVms } from './library.ts';
import { powerOff, restore, shutdown, start } from './power.ts';
import { probeVmware } from './probe.ts';
import { offeredAccess, targetProblems } from './problems.ts';
import { screenshot } from './screenshot.ts';
import { stateOf } from './state.ts';
import { startOf } from './vm-files.ts';

export const vmwareControl: VmControl = {
  engine: 'vmware',
  tool: 'vmrun',
  capabilities: {
    liveSnapshot: true,
    linkedClone: true,
    parallel: true,
    agent: true,
    console: true,
    screenshot: true,
    portForward: false,
  },
  // Clones of one VM must be made one after another, and two commands at once have been seen to lock each other out.
  commandsAtOnce: 1,
  probe: probeVmware,
  list: () => listVms(),
  find: findVm,
  state: ({ id }, context) => stateOf(id, context),
  session: ({ id }) => startOf(id),
  problems: (vm, { target }) => targetProblems(vm, target),
  access: (_vm, target) => offeredAccess(target),
  whyNoClone,
  clone: makeClone,
  remove: removeClone,
  restore,
  arrange,
  start,
  shutdown,
  powerOff,
  address: addressOf,
  agent: openAgent,
  screenshot,
  waysIn: ({ id }) => [showArgv(['vmware', id])],
  isBusy: (error) => error instanceof VmtestError && error.code === BUSY,
};
