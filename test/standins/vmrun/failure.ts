/** A failure as vmrun prints it. */
export class Failure extends Error {
  /** `Error: ` goes in front, unless it is a guest program's exit code. */
  readonly line: string;

  constructor(message: string, { bare = false } = {}) {
    super(message);
    this.line = bare ? message : `Error: ${message}`;
  }
}

/** A question on a screen that nobody looks at. */
export class Question extends Error {}

export const fileMissing = () => new Failure('A file was not found');
export const noVm = (vmx: string) =>
  new Failure(`Cannot open VM: ${vmx}, The virtual machine cannot be found`);
export const inUse = () => new Failure('The file is already in use');
export const notOn = (vmx: string) => new Failure(`The virtual machine is not powered on: ${vmx}`);
export const noTools = (vmx: string) =>
  new Failure(`The VMware Tools are not running in the virtual machine: ${vmx}`);
