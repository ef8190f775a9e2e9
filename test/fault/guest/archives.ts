/** Archives that no honest `tar` would send in answer to what vmtest asks for. */
import { Header } from 'tar';

/** Made where an archive has its way: outside of the folder that it is unpacked into. */
export const ESCAPED = 'vmtest-escaped';

type Type = 'File' | 'SymbolicLink' | 'Link' | 'CharacterDevice' | 'BlockDevice' | 'FIFO' | 'Directory';

interface Entry {
  path: string;
  type?: Type;
  linkpath?: string;
  content?: string;
  /** Claimed, whatever comes. */
  size?: number;
}

const MISSES = Buffer.alloc(1024);
const PASSING = '<testsuite name="s"><testcase name="t"/></testsuite>';

/** Each also brings what was asked for, through what it has made before. */
export const ARCHIVES: Readonly<Record<string, Buffer>> = {
  links: tarOf([
    { path: './logs', type: 'SymbolicLink', linkpath: '/tmp' },
    { path: './out', type: 'SymbolicLink', linkpath: '../../../..' },
    { path: './logs/a.txt', type: 'Link', linkpath: '/etc/passwd' },
    { path: './logs/a.txt', content: ESCAPED },
    { path: './out/r.xml', content: PASSING },
  ]),
  paths: tarOf([
    { path: `/tmp/${ESCAPED}`, content: ESCAPED },
    { path: `../../../../../../../../tmp/${ESCAPED}`, content: ESCAPED },
    { path: `logs/../../${ESCAPED}`, content: ESCAPED },
    { path: `C:\\${ESCAPED}`, content: ESCAPED },
    { path: './out/r.xml', content: PASSING },
  ]),
  devices: tarOf([
    { path: './logs/a.txt', type: 'CharacterDevice' },
    { path: './logs/b.txt', type: 'FIFO' },
    { path: './out/r.xml', type: 'BlockDevice' },
    { path: './out/r.xml', content: PASSING },
  ]),
  bomb: tarOf([
    { path: './logs/a.txt', size: 2 ** 33 - 1 },
    { path: './out/r.xml', content: PASSING },
  ]),
};

function tarOf(entries: readonly Entry[]): Buffer {
  return Buffer.concat([...entries.map(encode), MISSES]);
}

function encode({ path, type = 'File', linkpath, content = '', size }: Entry): Buffer {
  const body = Buffer.from(content);
  const block = Buffer.alloc(512);
  const more = linkpath === undefined ? {} : { linkpath };
  new Header({ path, type, mode: 0o644, size: size ?? body.length, mtime: new Date(0), ...more }).encode(
    block,
  );
  return Buffer.concat([block, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}
