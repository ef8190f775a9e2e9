/** All programs of the stand-in for a Windows guest: `PROGRAM LINE`, where LINE is the rest of a command line, as one text. */
import { cmd } from './cmd.ts';
import { powershell } from './powershell.ts';
import { leaveExitCode } from './programs.ts';
import { taskkill } from './taskkill.ts';

const PROGRAMS: Record<string, (line: string) => number | Promise<number>> = {
  'cmd.exe': cmd,
  'powershell.exe': powershell,
  'taskkill.exe': taskkill,
};

const [program = '', line = ''] = process.argv.slice(2);
const code = (await PROGRAMS[program]?.(line)) ?? 1;
leaveExitCode(code);
process.exitCode = code & 255;
