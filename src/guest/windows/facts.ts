/** What the first script says of a Windows guest and of who runs it there. */
import { VmtestError } from '../../host/errors.ts';

export interface WindowsFacts {
  /** Our private folder; a path that needs no quotes anywhere. */
  folder: string;
  /** `MACHINE\name`. */
  user: string;
  /** Commands run as Windows itself, by whatever name it goes in the guest's language. */
  isSystem: boolean;
}

/** Every byte there is: the way in has to bring them there and back unchanged. */
export const EVERY_BYTE = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

/**
 * Undefined when the guest's answer is not there or not whole: it is not ready yet.
 * @throws VmtestError `GUEST_SHELL_UNSUITABLE` when bytes do not come through, `GUEST_NO_TEMP_FOLDER`.
 */
export function parseFacts(answer: Buffer, token: string): WindowsFacts | undefined {
  const end = `${token} end=1`;
  const at = answer.indexOf(end);
  if (at === -1) return undefined;
  const lines = answer.toString('utf8', 0, at).split('\n');
  const all = (name: string) =>
    lines
      .filter((line) => line.startsWith(`${token} ${name}=`))
      .map((line) => line.slice(token.length + name.length + 2));
  const rest = answer.subarray(at + end.length);
  if (!rest.equals(Buffer.concat([Buffer.from('\n'), EVERY_BYTE]))) throw unsuitable();
  const [folder = ''] = all('folder');
  if (!/^[A-Za-z]:\\[\w.\\~-]+$/.test(folder)) throw noFolder(all('tried'));
  return { folder, user: all('user')[0] ?? '', isSystem: all('system')[0] === 'True' };
}

function unsuitable(): VmtestError {
  return new VmtestError('GUEST_SHELL_UNSUITABLE', 'the way into the guest changes what programs print', {
    hint:
      'PowerShell as the default shell of OpenSSH may do that. In the guest, remove `DefaultShell` from ' +
      'HKLM:\\SOFTWARE\\OpenSSH: cmd.exe, which it falls back to, does not. Tests choose their own shell by `shell:` anyway.',
  });
}

function noFolder(tried: readonly string[]): VmtestError {
  return new VmtestError('GUEST_NO_TEMP_FOLDER', 'no folder of the guest can be written', {
    hint: `vmtest needs one for its scripts, with a path of plain letters, and tried ${tried.join(', ')}.`,
  });
}

/** @throws VmtestError `GUEST_USER` when the engine's agent runs commands as somebody else. */
export function checkUser({ user, isSystem }: WindowsFacts, wanted: string): void {
  const plain = (name: string) => name.replace(/^.*\\|@.*$/g, '').toLowerCase();
  if (isSystem ? plain(wanted) === 'system' : plain(user) === plain(wanted)) return;
  throw new VmtestError('GUEST_USER', `the guest agent runs as ${user} and cannot become ${wanted}`, {
    hint: `Use \`user: ${isSystem ? 'SYSTEM' : plain(user)}\`, if your tests can do with that, or \`channel: ssh\`. Windows lets nobody become another user without a login.`,
  });
}
