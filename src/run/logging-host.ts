/** A host that tells its commands, fit to be seen, to whoever listens: `--verbose`, `--record`. */
import type { BaseTarget } from '../../matrix/model.ts';
import type { Host } from '../host/host.ts';
import { tellingCommands } from '../host/told-commands.ts';
import type { Redactor } from '../results/redact.ts';
import { commandMask } from './command-mask.ts';

/** @param target whose passwords are masked besides the matrix file's secrets. */
export function loggingHost(host: Host, redactor: Pick<Redactor, 'redact'>, target?: BaseTarget): Host {
  const mask = commandMask(redactor, target);
  return tellingCommands(host, (command) => host.onCommand(mask(command)));
}
