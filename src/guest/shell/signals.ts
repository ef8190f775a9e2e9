/** Signal names by number, for engines that report numbers. The guest's numbers, not this host's. */

const COMMON: Record<number, string> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
};
const LINUX: Record<number, string> = { 7: 'SIGBUS', 10: 'SIGUSR1', 12: 'SIGUSR2', 31: 'SIGSYS' };
const BSD: Record<number, string> = { 10: 'SIGBUS', 12: 'SIGSYS', 30: 'SIGUSR1', 31: 'SIGUSR2' };

export function signalName(number: number, os: string): string {
  const own = os === 'macos' || os === 'freebsd' ? BSD : LINUX;
  return COMMON[number] ?? own[number] ?? `signal ${number}`;
}
