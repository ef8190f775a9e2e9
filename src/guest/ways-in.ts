/** Commands by which a person gets into a guest that was kept, to be copied from the terminal. */
import { showArgv } from '../host/exec.ts';

/** @param key path of the private key, when the guest's user has one. */
export function sshCommand({
  user,
  key,
  port,
}: {
  user: string;
  key?: string | undefined;
  port: number;
}): string {
  const identity = key === undefined ? [] : ['-i', key];
  // The guest's host key is that of its clean state, which is not in anybody's list of known hosts.
  const anyHost = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'];
  return showArgv(['ssh', '-p', String(port), ...identity, ...anyHost, `${user}@127.0.0.1`]);
}

/** @param socket path of the Unix socket that is the guest's serial port. */
export function consoleCommand(socket: string): string {
  return `${showArgv(['socat', '-,raw,echo=0,escape=0x1d', `unix-connect:${socket}`])} (leave with Ctrl-])`;
}
