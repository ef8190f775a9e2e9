/** The file server for guests, as a client of ours talks to it: what real ones say is for the tests that boot some. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NinePServer } from '../../../../drivers/v86/machine/nine-p.ts';
import { NineReader, NineWriter } from '../../../../drivers/v86/machine/nine-p-wire.ts';
import { Share } from '../../../../drivers/v86/machine/share.ts';
import { SHARE } from '../../../../drivers/v86/protocol.ts';

const ROOT = 1;
const FILE = 2;
const TAG = 77;
const EROFS = 30;
const EFBIG = 27;

class Client {
  readonly share = new Share();
  readonly #server = new NinePServer(this.share);

  /** The type of the answer, and what comes after its tag. */
  ask(type: number, body: NineWriter): { type: number; answer: NineReader } {
    const reply = this.#server.answer(body.message(type, TAG));
    const answer = new NineReader(reply);
    expect(answer.u32()).toBe(reply.length);
    const answered = answer.u8();
    expect(answer.u16()).toBe(TAG);
    return { type: answered, answer };
  }

  /** Makes `FILE` stand for a name. @returns steps that were passed, or minus the errno. */
  walk(name: string): number {
    const { type, answer } = this.ask(110, new NineWriter().u32(ROOT).u32(FILE).u16(1).text(name));
    return type === 111 ? answer.u16() : -answer.u32();
  }

  write(offset: number, data: Buffer): number {
    const { type, answer } = this.ask(
      118,
      new NineWriter().u32(FILE).u64(offset).u32(data.length).bytes(data),
    );
    return type === 119 ? answer.u32() : -answer.u32();
  }

  read(offset: number, length: number): Buffer {
    const { type, answer } = this.ask(116, new NineWriter().u32(FILE).u64(offset).u32(length));
    expect(type).toBe(117);
    return answer.bytes(answer.u32());
  }
}

describe('the shared folder', () => {
  test('takes no larger messages than it wants, and a handle that it never saw is the folder', () => {
    const { answer } = new Client().ask(100, new NineWriter().u32(2 ** 31).text('9P2000.L'));
    expect([answer.u32(), answer.text()]).toEqual([256 * 1024, '9P2000.L']);
    // As after a restore.
    expect(new Client().walk('in')).toBe(1);
  });

  test('lets the guest read `in`, and write nothing to it', () => {
    const client = new Client();
    client.share.put(Buffer.from('hello world'));
    expect(client.walk('in')).toBe(1);
    expect(client.read(6, 100).toString()).toBe('world');
    expect(client.read(11, 100)).toHaveLength(0);
    expect(client.write(0, Buffer.from('x'))).toBe(-EROFS);
    expect(() => client.share.put(Buffer.alloc(SHARE.most + 1))).toThrow('more than');
  });

  test('gives what was written to `out`, once', () => {
    const client = new Client();
    client.walk('out');
    expect(client.write(0, Buffer.from('hello '))).toBe(6);
    expect(client.write(6, Buffer.from('world'))).toBe(5);
    expect(client.read(0, 100).toString()).toBe('hello world');
    expect(client.share.take().toString()).toBe('hello world');
    expect(client.share.take()).toHaveLength(0);
    // What lies between is zero, not what was there.
    client.write(3, Buffer.from('x'));
    expect(client.share.take()).toEqual(Buffer.from('\0\0\0x'));
  });

  test.each(['..', '/', '../in', 'other', ''])('has nothing else: %j', (name) => {
    const client = new Client();
    const passed = client.walk(name);
    expect(passed === -2 || name === '..').toBe(true);
    expect(client.write(0, Buffer.from('x'))).toBe(-EROFS);
  });

  test.each([14, 16, 18, 70, 72, 74, 76, 122])('makes, names and removes nothing (request %i)', (type) => {
    const { type: answered, answer } = new Client().ask(type, new NineWriter().u32(ROOT).text('new').u64(0));
    expect([answered, answer.u32()]).toEqual([7, EROFS]);
  });

  test('is never larger than it may be, whatever is written where', () => {
    const offsets = fc.oneof(fc.nat(2 * SHARE.most), fc.nat(Number.MAX_SAFE_INTEGER));
    const writes = fc.array(fc.record({ offset: offsets, length: fc.nat(70_000) }), { maxLength: 10 });
    fc.assert(
      fc.property(writes, (all) => {
        const client = new Client();
        client.walk('out');
        const model = Buffer.alloc(SHARE.most);
        let end = 0;
        for (const [index, { offset, length }] of all.entries()) {
          const data = Buffer.alloc(length, index + 1);
          const fits = offset + length <= SHARE.most;
          expect(client.write(offset, data)).toBe(fits ? length : -EFBIG);
          if (!fits) continue;
          data.copy(model, offset);
          end = Math.max(end, offset + length);
        }
        expect(client.share.take().equals(model.subarray(0, end))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  test('answers what makes no sense with an error, and goes on', () => {
    const server = new NinePServer(new Share());
    const nonsense = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 64 })).map(([type, body]) => {
        return new Uint8Array(new NineWriter().bytes(Buffer.from(body)).message(type, TAG));
      }),
    );
    fc.assert(
      fc.property(nonsense, (message) => {
        const answer = server.answer(message);
        expect(Buffer.from(answer).readUInt32LE(0)).toBe(answer.length);
        expect(answer.length).toBeLessThanOrEqual(256 * 1024);
      }),
      { numRuns: 500 },
    );
  });
});
