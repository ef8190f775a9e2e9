import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeRequest, QgaReplies, type QgaReply } from '../../../../src/guest/agent/qga-wire.ts';

function read(...chunks: (Buffer | string)[]): QgaReply[] {
  const replies = new QgaReplies();
  return chunks.flatMap((chunk) => replies.push(Buffer.from(chunk)));
}

describe('replies', () => {
  test('come whole, however the bytes are cut, also within characters', () => {
    const texts = fc.array(fc.record({ return: fc.string({ unit: 'grapheme' }) }), { maxLength: 5 });
    fc.assert(
      fc.property(texts, fc.array(fc.nat(40)), (sent, cuts) => {
        let rest = Buffer.from(sent.map((reply) => `${JSON.stringify(reply)}\r\n`).join(''));
        const chunks = cuts.map((cut) => {
          const chunk = rest.subarray(0, cut);
          rest = rest.subarray(cut);
          return chunk;
        });
        expect(read(...chunks, rest)).toEqual(sent.map((reply) => ({ ...reply, delimited: false })));
      }),
    );
  });

  test('that begin anew are marked, and cut off what came before them', () => {
    const delimited = Buffer.concat([
      Buffer.from('{"return": "ha'),
      Buffer.from([0xff]),
      Buffer.from('{"return":7}\n'),
    ]);
    expect(read(delimited)).toEqual([{ return: 7, delimited: true }]);
  });

  test('are told from noise', () => {
    expect(read('login: \n\n[1, 2]\nnull\n{"event":1}\n{"return":1}\n42\n')).toEqual([
      { return: 1, delimited: false },
    ]);
  });

  test('without end are an error, not a heap', () => {
    const replies = new QgaReplies();
    const piece = Buffer.alloc(16 * 1024 * 1024, 'x');
    expect(() => {
      for (let index = 0; index < 8; index += 1) replies.push(piece);
    }).toThrow(RangeError);
  });
});

test('a request is one line, and can clear the way for itself', () => {
  expect(encodeRequest('guest-ping', undefined).toString()).toBe('{"execute":"guest-ping"}\n');
  const resync = encodeRequest('guest-sync-delimited', { id: 1 }, true);
  expect(resync[0]).toBe(0xff);
  expect(resync.subarray(1).toString()).toBe('{"execute":"guest-sync-delimited","arguments":{"id":1}}\n');
});
