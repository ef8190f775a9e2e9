/** The forms that the help text of Workstation 17 documents, and no other. Names of commands have no case. */

export interface Flags {
  encryptionPassword?: string;
  user?: string;
  password?: string;
}

export interface CommandLine {
  flags: Flags;
  /** In lower case. */
  command: string;
  args: string[];
}

const FLAGS: Record<string, (flags: Flags, value: string) => boolean> = {
  '-T': (_flags, value) => ['ws', 'fusion', 'player'].includes(value),
  '-vp': (flags, value) => {
    flags.encryptionPassword = value;
    return true;
  },
  '-gu': (flags, value) => {
    flags.user = value;
    return true;
  },
  '-gp': (flags, value) => {
    flags.password = value;
    return true;
  },
};

/** Undefined: the usage is shown. Flags come before the command. */
export function parseCommandLine(argv: readonly string[]): CommandLine | undefined {
  const flags: Flags = {};
  let at = 0;
  for (; argv[at]?.startsWith('-'); at += 2) {
    const [flag = '', value] = argv.slice(at, at + 2);
    if (value === undefined || !FLAGS[flag]?.(flags, value)) return undefined;
  }
  const [command, ...args] = argv.slice(at);
  return command === undefined ? undefined : { flags, command: command.toLowerCase(), args };
}

const PROGRAM_FLAGS = new Set(['-noWait', '-activeWindow', '-interactive']);

/** Those in front of a program or script, and what follows them. */
export function splitProgramFlags(args: readonly string[]): { noWait: boolean; rest: string[] } {
  const end = args.findIndex((arg) => !PROGRAM_FLAGS.has(arg));
  const rest = end === -1 ? [] : args.slice(end);
  return { noWait: args.slice(0, args.length - rest.length).includes('-noWait'), rest };
}
