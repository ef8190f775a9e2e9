/** Small parts of the protocol's schemas. */

export const text = (description: string) => ({ type: 'string', minLength: 1, description }) as const;
export const texts = (description: string) =>
  ({ type: 'array', items: { type: 'string', minLength: 1 }, description }) as const;
