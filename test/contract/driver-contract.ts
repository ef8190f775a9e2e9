/** The driver contract as examples. Every driver passes the same ones; what an engine cannot do is a capability, not a gap. */
import { beforeAll, describe } from 'vitest';
import type { BaseTarget } from '../../matrix/model.ts';
import { type Driven, prepare } from '../support/guest-run.ts';
import { engineFaultExamples } from './engine-fault-examples.ts';
import { guestFaultExamples } from './guest-fault-examples.ts';
import { machineExamples } from './machine-examples.ts';

export interface ContractFixture extends Driven {
  /** Targets with something wrong, and the code of the problem. */
  broken: { why: string; target: BaseTarget; code: string }[];
  /** Targets with which nothing is wrong until their guest runs. */
  unreachable: UnreachableGuest[];
  /** All that the engine has made and not taken away on this host: processes, files. Empty when idle. */
  leftovers(): Promise<string[]>;
}

export interface UnreachableGuest {
  why: 'wrong credentials' | 'no tools' | 'no address' | 'nobody answers';
  target: BaseTarget;
  /** In what is said about it. */
  says: RegExp;
  /** Makes the guest so, where the target alone does not. @returns what takes it back. */
  arrange?(): () => void;
}

export interface ContractKind {
  /** Commands run in a guest whose disk and processes can be looked at. */
  realGuest: boolean;
  /** Cells use the VM itself, one after another. Default: each has a machine of its own. */
  inPlace?: boolean;
  /** The engine is in this program: no command is needed to know that it is there. */
  builtIn?: boolean;
}

export function describeDriver(name: string, kind: ContractKind, make: () => Promise<ContractFixture>): void {
  describe(`driver contract: ${name}`, () => {
    let fixture: ContractFixture;
    beforeAll(async () => {
      fixture = await make();
      await prepare(fixture);
    });

    machineExamples(kind, () => fixture);
    engineFaultExamples(kind, () => fixture);
    guestFaultExamples(kind, () => fixture);
  });
}
