/** The Hyper-V module. Parameter sets are those of its reference pages. */
import { hasFault } from '../faults.ts';
import type { Call, Cmdlet } from '../runtime/cmdlet.ts';
import { cmdlet } from '../runtime/cmdlet.ts';
import type { Value } from '../runtime/values.ts';
import { cloneCmdlets } from './clone-cmdlets.ts';
import { lookCmdlets } from './look-cmdlets.ts';
import { partCmdlets } from './part-cmdlets.ts';
import { powerCmdlets } from './power-cmdlets.ts';
import * as refused from './refusals.ts';

/** Without the module there are none. */
export function hypervCmdlets(): Cmdlet[] {
  if (hasFault('no-module')) return [];
  return [...lookCmdlets, ...powerCmdlets, ...cloneCmdlets, ...partCmdlets].map(({ name, sets, run }) =>
    cmdlet(`Hyper-V\\${name}`, refused.typeOf(name), sets, (call) => {
      if (hasFault('no-rights') && !(name === 'Get-VM' && !call.given.has('Id')))
        throw refused.noPermission(name);
      return run(call);
    }),
  );
}

/** A cmdlet of the module; its name comes without the module's. */
export interface HypervCmdlet {
  name: string;
  sets: readonly string[];
  run(call: Call): Promise<Value[]>;
}
