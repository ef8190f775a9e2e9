const MOST_NOTES = 10;

/** Notes that a person can read: the first of them, and how many more there are. */
export function boundedNotes(notes: readonly string[]): string[] {
  if (notes.length <= MOST_NOTES) return [...notes];
  return [...notes.slice(0, MOST_NOTES), `… and ${notes.length - MOST_NOTES} more like these`];
}
