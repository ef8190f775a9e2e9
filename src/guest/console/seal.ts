/** Checksums as the programs of a guest print them. */
import { createHash } from 'node:crypto';

export type SealKind = 'md5' | 'cksum';

/** What the program's answer begins with. Against noise, not against enemies. */
export function sealOf(kind: SealKind, data: Buffer): string {
  return kind === 'md5' ? createHash('md5').update(data).digest('hex') : `${posixCrc(data)} ${data.length}`;
}

const POLYNOMIAL = 0x04c11db7;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x80000000 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
  return crc;
});

/** The CRC of POSIX `cksum`: unlike zlib's, bits go from the high end, and the length follows the data. */
function posixCrc(data: Buffer): number {
  let crc = 0;
  const add = (byte: number) => {
    crc = (crc << 8) ^ (TABLE[((crc >>> 24) ^ byte) & 0xff] ?? 0);
  };
  for (const byte of data) add(byte);
  for (let length = data.length; length > 0; length = Math.floor(length / 256)) add(length % 256);
  return ~crc >>> 0;
}
