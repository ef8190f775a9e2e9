/** Ends the command as the vendor's would: a text on stderr and an exit code. */
export class Failure extends Error {
  readonly exitCode: number;

  constructor(text: string, exitCode = 255) {
    super(text);
    this.exitCode = exitCode;
  }
}

export const notFound = (doing: string) =>
  new Failure(
    `Failed to ${doing}: The virtual machine could not be found. The virtual machine is not registered in the virtual machine directory on your Mac. Contact the Parallels support team for assistance.`,
  );

export const notStarted = (name: string) =>
  new Failure(`Unable to perform the operation because "${name}" is not started.`);

export const noSession = () =>
  new Failure(
    'Unable to open new session in this virtual machine. Make sure your virtual machine has finished booting, runs the latest version of Parallels Tools, and is not isolated from the host OS.',
  );

export const synchronizing = (doing: string) =>
  new Failure(
    `Failed to ${doing}: The operation cannot be performed at the moment. Data synchronization is currently in progress. Try to perform the operation later.`,
  );

export const isBusy = (doing: string, state: string) =>
  new Failure(
    `Failed to ${doing}: Unable to perform the action because the virtual machine is busy. The virtual machine is currently ${state}. Please try again later.`,
  );
