/** What a viewer of CI results is given, and what it makes of it. */

export interface FedFile {
  name: string;
  text: string;
}

export interface SeenTest {
  /** By what the viewer tells tests apart: those with the same key are one test to it. */
  key: string;
  /** Not the viewer's: the cell that the test is of, to see whose tests it takes for one. */
  cell: string;
  /** `error` only where the viewer has a word for it. */
  outcome: 'passed' | 'failed' | 'error' | 'skipped';
  /** The viewer says that it passed only at last. */
  isFlaky: boolean;
  /** Something of it was longer than the viewer takes. */
  isCut: boolean;
  /** Files shown with it. */
  attachments: number;
}

export interface Seen {
  tests: SeenTest[];
  /** Those of which it shows another with the same key instead. */
  hidden: SeenTest[];
  /** Files that the viewer does not read; it says so in red, or not at all. */
  refused: { file: string; isTold: boolean }[];
}

export interface Viewer {
  name: string;
  /** In words, for the table. */
  tellsApart: string;
  read(files: readonly FedFile[]): Seen;
}

/** Red, as the viewer paints the whole. */
export function isRed({ tests, refused }: Seen): boolean {
  return (
    tests.some(({ outcome }) => outcome === 'failed' || outcome === 'error') ||
    refused.some(({ isTold }) => isTold)
  );
}
