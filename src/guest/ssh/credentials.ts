/** What a login has to offer, in the order in which it is offered: key, agent, password, keyboard-interactive. */
import ssh2, { type AuthenticationType, type ConnectConfig } from 'ssh2';
import { VmtestError } from '../../host/errors.ts';
import type { Credentials } from '../channel.ts';

export interface LoginMethods {
  /** Explicit, since every wasted attempt counts towards the server's `MaxAuthTries` (6), an agent's keys included. */
  order: AuthenticationType[];
  config: ConnectConfig;
}

/** @throws VmtestError `GUEST_KEY_UNUSABLE`, `GUEST_NO_CREDENTIALS` */
export function loginMethods(credentials: Credentials): LoginMethods {
  const { user, privateKey, passphrase, password, agentSocket } = credentials;
  if (privateKey !== undefined) checkKey(privateKey, passphrase);
  const order: AuthenticationType[] = [
    ...(privateKey === undefined ? [] : ['publickey' as const]),
    ...(agentSocket === undefined ? [] : ['agent' as const]),
    ...(password === undefined ? [] : ['password' as const, 'keyboard-interactive' as const]),
  ];
  if (order.length === 0) {
    throw new VmtestError('GUEST_NO_CREDENTIALS', `there is nothing to log in with as ${user}`, {
      hint: 'Give `guest.key`, `guest.password`, or `guest.agent: true`.',
    });
  }
  return {
    order,
    config: {
      username: user,
      ...(privateKey === undefined ? {} : { privateKey }),
      ...(passphrase === undefined ? {} : { passphrase }),
      ...(agentSocket === undefined ? {} : { agent: agentSocket }),
      ...(password === undefined ? {} : { password, tryKeyboard: true }),
    },
  };
}

function checkKey(privateKey: string, passphrase: string | undefined): void {
  const parsed = ssh2.utils.parseKey(privateKey, passphrase);
  const [key] = Array.isArray(parsed) ? parsed : [parsed];
  if (!(key instanceof Error) && key?.isPrivateKey()) return;
  const why = key instanceof Error ? key.message : 'it holds no private key';
  throw new VmtestError('GUEST_KEY_UNUSABLE', `the private key cannot be used: ${why}`, {
    hint: 'Check `guest.key`, and `guest.passphrase` if the key is encrypted. It is the private part that is needed.',
  });
}
