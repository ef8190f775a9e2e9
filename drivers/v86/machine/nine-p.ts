/**
 * A file server for the guest: 9P2000.L, as much as Linux's client needs for the two files of a `Share`. v86 has a server
 * of its own, whose files live in memory without a limit, which a guest must not be given.
 *
 * It remembers nothing but which handles (fids) stand for open files; all others stand for the folder. That is what lets
 * a guest be saved with the folder mounted: the handles of the mount go on in a process that has never seen them.
 *
 * The messages: https://github.com/chaos/diod/blob/master/protocol.md
 */
import { NineReader, NineWriter } from './nine-p-wire.ts';
import type { Share } from './share.ts';

/** Bytes of the largest message, and of what stands around its data. */
const MESSAGE = { most: 256 * 1024, around: 24 };
const MOST_FIDS = 64;

/** Requests; an answer has the next number. */
const T = {
  statfs: 8,
  lopen: 12,
  getattr: 24,
  setattr: 26,
  readdir: 40,
  fsync: 50,
  version: 100,
  attach: 104,
  flush: 108,
  walk: 110,
  read: 116,
  write: 118,
  clunk: 120,
} as const;
const R_LERROR = 7;

/** Numbers of Linux, as the protocol has it. */
const ERRNO = { ENOENT: 2, EIO: 5, EINVAL: 22, ENFILE: 23, EFBIG: 27, EROFS: 30 };
const O_TRUNC = 0o1000;
const SETATTR_SIZE = 1 << 3;
/** All that `stat` shows. */
const GETATTR_BASIC = 0x7ff;
const BLOCK = 4096;

type Node = '/' | 'in' | 'out';
type FileName = Exclude<Node, '/'>;

const NODES: Record<Node, { type: number; path: number; mode: number }> = {
  '/': { type: 0x80, path: 0, mode: 0o040700 },
  in: { type: 0, path: 1, mode: 0o100400 },
  out: { type: 0, path: 2, mode: 0o100600 },
};
const FILES: readonly FileName[] = ['in', 'out'];

class Refusal extends Error {
  readonly errno: number;

  constructor(errno: number) {
    super(`errno ${errno}`);
    this.errno = errno;
  }
}

export class NinePServer {
  readonly #share: Share;
  readonly #files = new Map<number, FileName>();

  constructor(share: Share) {
    this.#share = share;
  }

  /** The answer to a request. Never throws: what makes no sense is answered with an error. */
  answer(request: Uint8Array): Uint8Array {
    const message = new NineReader(request);
    let tag = 0;
    try {
      message.u32();
      const type = message.u8();
      tag = message.u16();
      const body = new NineWriter();
      this.#serve(type, message, body);
      return body.message(type + 1, tag);
    } catch (error) {
      const errno = error instanceof Refusal ? error.errno : ERRNO.EIO;
      return new NineWriter().u32(errno).message(R_LERROR, tag);
    }
  }

  #serve(type: number, message: NineReader, answer: NineWriter): void {
    // The first field of all others is a handle.
    if (type === T.version) this.#version(message, answer);
    else if (type !== T.flush && type !== T.fsync) this.#serveNode(type, message.u32(), message, answer);
  }

  #serveNode(type: number, fid: number, message: NineReader, answer: NineWriter): void {
    const node = this.#files.get(fid) ?? '/';
    if (type === T.attach) qid(answer, '/');
    else if (type === T.walk) this.#walk(node, message, answer);
    else if (type === T.clunk) this.#files.delete(fid);
    else if (type === T.lopen) this.#open(node, message, answer);
    else if (type === T.read) this.#read(node, message, answer);
    else if (type === T.write) this.#write(node, message, answer);
    else if (type === T.getattr) this.#stat(node, answer);
    else if (type === T.setattr) this.#resize(node, message);
    else if (type === T.readdir) this.#list(message, answer);
    else if (type === T.statfs) statfs(answer);
    else throw new Refusal(ERRNO.EROFS);
  }

  /** Begins anew: the handles from before are gone. */
  #version(message: NineReader, answer: NineWriter): void {
    this.#files.clear();
    answer.u32(Math.min(message.u32(), MESSAGE.most)).text('9P2000.L');
  }

  #walk(from: Node, message: NineReader, answer: NineWriter): void {
    const fid = message.u32();
    const steps = Array.from({ length: Math.min(message.u16(), 16) }, () => message.text());
    let at = from;
    const passed: Node[] = [];
    for (const step of steps) {
      const next: Node | undefined =
        step === '..' ? '/' : at === '/' ? FILES.find((name) => name === step) : undefined;
      if (next === undefined) break;
      at = next;
      passed.push(at);
    }
    if (passed.length === 0 && steps.length > 0) throw new Refusal(ERRNO.ENOENT);
    // Part of the way: told how far, and there is no new handle.
    if (passed.length === steps.length) this.#remember(fid, at);
    answer.u16(passed.length);
    for (const node of passed) qid(answer, node);
  }

  #remember(fid: number, node: Node): void {
    this.#files.delete(fid);
    if (node === '/') return;
    if (this.#files.size >= MOST_FIDS) throw new Refusal(ERRNO.ENFILE);
    this.#files.set(fid, node);
  }

  #open(node: Node, message: NineReader, answer: NineWriter): void {
    if (message.u32() & O_TRUNC && node === 'out') this.#share.resizeOut(0);
    qid(answer, node);
    answer.u32(MESSAGE.most - MESSAGE.around);
  }

  #read(node: Node, message: NineReader, answer: NineWriter): void {
    if (node === '/') throw new Refusal(ERRNO.EINVAL);
    const offset = message.u64();
    const length = Math.min(message.u32(), MESSAGE.most - MESSAGE.around);
    const data = node === 'in' ? this.#share.readIn(offset, length) : this.#share.readOut(offset, length);
    answer.u32(data.length).bytes(data);
  }

  #write(node: Node, message: NineReader, answer: NineWriter): void {
    if (node !== 'out') throw new Refusal(ERRNO.EROFS);
    const offset = message.u64();
    const data = message.bytes(message.u32());
    if (!this.#share.writeOut(offset, data)) throw new Refusal(ERRNO.EFBIG);
    answer.u32(data.length);
  }

  /** Times and rights stay as they are, without a complaint. */
  #resize(node: Node, message: NineReader): void {
    const valid = message.u32();
    if (!(valid & SETATTR_SIZE)) return;
    // Mode, owner and group.
    message.bytes(3 * 4);
    if (node !== 'out') throw new Refusal(ERRNO.EROFS);
    if (!this.#share.resizeOut(message.u64())) throw new Refusal(ERRNO.EFBIG);
  }

  #stat(node: Node, answer: NineWriter): void {
    const size = { '/': 0, in: this.#share.inBytes, out: this.#share.outBytes }[node];
    answer.u64(GETATTR_BASIC);
    qid(answer, node);
    // Mode, owner, group; links, device, size, block size, blocks.
    answer.u32(NODES[node].mode).u32(0).u32(0);
    answer
      .u64(1)
      .u64(0)
      .u64(size)
      .u64(BLOCK)
      .u64(Math.ceil(size / 512));
    // Four times of two numbers each, generation, version: whatever the epoch was.
    for (let field = 0; field < 10; field += 1) answer.u64(0);
  }

  /** All of it comes at once; a client that asks on from the end of it gets nothing. */
  #list(message: NineReader, answer: NineWriter): void {
    const from = message.u64();
    const entries = new NineWriter();
    for (const [index, name] of FILES.entries()) {
      if (index < from) continue;
      qid(entries, name);
      entries
        .u64(index + 1)
        .u8(NODES[name].type)
        .text(name);
    }
    const data = entries.body();
    answer.u32(data.length).bytes(data);
  }
}

function qid(answer: NineWriter, node: Node): void {
  const { type, path } = NODES[node];
  answer.u8(type).u32(0).u64(path);
}

/** A full file system of 9p's kind, for programs that list what is mounted. */
function statfs(answer: NineWriter): void {
  answer.u32(0x01021997).u32(BLOCK);
  for (let field = 0; field < 6; field += 1) answer.u64(0);
  answer.u32(255);
}
