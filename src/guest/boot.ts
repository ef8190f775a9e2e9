/** How a script gets to the interpreter that runs it, over a way in that takes a command line for the account's shell. */

export interface Boot {
  /** A longer script is put into a file in the guest first. In characters. */
  readonly mostInline: number;
  /**
   * The command line for a script that comes on stdin, with its own input behind it: `script` ends with a line break.
   * @param begin printed on stdout before the script runs.
   */
  command(script: string, begin: string): string;
}
