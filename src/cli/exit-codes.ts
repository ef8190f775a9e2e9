/** What the exit code of a command says. Documented in `vmtest --help`. */
export const EXIT = {
  passed: 0,
  testsFailed: 1,
  usage: 2,
  couldNotRun: 3,
  nothingSelected: 4,
  interrupted: 130,
} as const;
