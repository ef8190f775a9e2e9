import { RUN_EXIT } from '../results/summary.ts';

/** What the exit code of a command says. Told to people by `vmtest --help`. */
export const EXIT = { ...RUN_EXIT, usage: 2 } as const;
