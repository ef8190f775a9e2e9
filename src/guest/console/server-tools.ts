/** What the server in the guest has found to work with; its first answer tells. */
import { VmtestError } from '../../host/errors.ts';
import { toolsMissing } from './errors.ts';
import type { SealKind } from './seal.ts';

export interface ServerTools {
  /** How bytes come out. */
  encoding: 'base64' | 'hex';
  /** There is a decoder of base64: bytes go in that way, not as escapes for `printf`. */
  decodes: boolean;
  seal: SealKind;
  gzip: boolean;
  /** Of the server's script. */
  version: string;
  /** The terminal echoes what we send. */
  echoes: boolean;
}

/** @throws VmtestError `GUEST_CONSOLE_UNSUPPORTED`, `GUEST_NO_TEMP_FOLDER` */
export function parseTools(answer: string): ServerTools {
  const told = new Map(answer.split(' ').map((pair) => pair.split('=') as [string, string]));
  const encoding = told.get('enc');
  const seal = told.get('sum');
  if (encoding !== 'base64' && encoding !== 'hex') throw toolsMissing('program that turns bytes into text');
  if (seal !== 'md5' && seal !== 'cksum') throw toolsMissing('program for checksums');
  if (!told.get('folder')) {
    throw new VmtestError('GUEST_NO_TEMP_FOLDER', 'no folder of the guest can be written', {
      hint: 'The console channel tries TMPDIR, /tmp, /var/tmp, /dev/shm, /run and HOME.',
    });
  }
  return {
    encoding,
    decodes: told.get('dec') === 'yes',
    seal,
    gzip: told.get('gzip') === 'yes',
    version: told.get('version') ?? '',
    echoes: told.get('tty') !== 'set',
  };
}
