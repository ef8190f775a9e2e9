/** What a guest answered when it was first looked at, in a form that can be kept with its clean state. */

export interface Memory {
  user: string;
  /** Marks the lines of the answer. */
  token: string;
  answer: string;
}

export function encodeMemory(memory: Memory): string {
  return JSON.stringify(memory);
}

/** Undefined when there is none, it is damaged, or it is another user's. */
export function decodeMemory(text: string | undefined, user: string): Memory | undefined {
  if (text === undefined) return undefined;
  try {
    const memory = JSON.parse(text) as Memory;
    const whole = typeof memory.token === 'string' && typeof memory.answer === 'string';
    return whole && memory.user === user ? memory : undefined;
  } catch {
    return undefined;
  }
}
