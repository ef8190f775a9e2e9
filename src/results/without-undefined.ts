type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** A copy without the keys whose value is undefined: optional keys of the model are absent, never undefined. */
export function withoutUndefined<T extends object>(object: T): Defined<T> {
  const defined = {} as T & Defined<T>;
  // A loop, for this is done once for every test.
  for (const key in object) {
    if (object[key] !== undefined) (defined as T)[key] = object[key];
  }
  return defined;
}
