/** The keys that targets of all engines with named VMs have. */

export const vmProperties = {
  vm: {
    type: 'string',
    minLength: 1,
    description: 'The VM: its name or id, as the engine lists it.',
    examples: ['debian-12'],
  },
  clone: {
    type: 'string',
    enum: ['auto', 'linked', 'none'],
    default: 'auto',
    description:
      '`linked`: every cell runs on a linked clone of the snapshot, several side by side, and the VM itself is never touched. `none`: cells ' +
      'restore the snapshot in the VM itself, one after another; what the VM was since then is lost. `auto`: linked where ' +
      'the engine can, else none. Default: `auto`.',
  },
  'if-running': {
    type: 'string',
    enum: ['fail', 'reset'],
    default: 'fail',
    description:
      'What to do when the VM runs already and has to be restored. `fail`: nothing is touched, and that is an error. `reset`: it is powered off, ' +
      'what ran in it is lost, and it is started from the snapshot again when its last cell is done. Default: `fail`.',
  },
} as const;

/** What the driver reads of them: `BaseTarget.options`. */
export interface VmOptions {
  vm: string;
  clone: 'auto' | 'linked' | 'none';
  'if-running': 'fail' | 'reset';
}
