/** Things that changed in the same way since an earlier run, in words. */
export interface ChangeSection {
  title: string;
  /** Bad news first. */
  isBad: boolean;
  items: string[];
  /** So many more are not told. */
  more: number;
}
