/** Reads the data that the page carries: the index as it is, chunks by unpacking them. */
import type { CellDetail, PageIndex, TestTable } from '../page-data.ts';

export function readIndex(): PageIndex {
  return JSON.parse(textOf('index')) as PageIndex;
}

export function readCell(place: number): Promise<CellDetail> {
  return unpack(`cell-${place}`) as Promise<CellDetail>;
}

let table: Promise<TestTable> | undefined;

export function readTests(): Promise<TestTable> {
  table ??= unpack('tests') as Promise<TestTable>;
  return table;
}

async function unpack(name: string): Promise<unknown> {
  const packed = Uint8Array.from(atob(textOf(name)), (letter) => letter.charCodeAt(0));
  const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return JSON.parse(await new Response(plain).text()) as unknown;
}

function textOf(name: string): string {
  return document.getElementById(`data-${name}`)?.textContent ?? '';
}
