/** Commands by which a person gets into a guest that was kept, to be copied from the terminal. */
import { showArgv } from '../host/exec.ts';

export interface SshWay {
  user: string;
  /** Path of the private key, when the guest's user has one. */
  key?: string | undefined;
  /** Default: this host, where the engine forwards a port. */
  host?: string;
  port: number;
}

export function sshCommand({ user, key, host = '127.0.0.1', port }: SshWay): string {
  const identity = key === undefined ? [] : ['-i', key];
  // The guest's host key is that of its clean state, which is not in anybody's list of known hosts.
  const anyHost = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null'];
  return showArgv(['ssh', '-p', String(port), ...identity, ...anyHost, `${user}@${host}`]);
}

/** @param socket path of the Unix socket that is the guest's serial port. */
export function consoleCommand(socket: string): string {
  return `${showArgv(['socat', '-,raw,echo=0,escape=0x1d', `unix-connect:${socket}`])} (leave with Ctrl-])`;
}
