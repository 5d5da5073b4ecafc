/** A value that tells whoever looks when it has become another one; made for `useSyncExternalStore`. */
export type Observable<Value> = {
  get: () => Value;
  set: (value: Value) => void;
  subscribe: (tell: () => void) => () => void;
};

export function observable<Value>(first: Value): Observable<Value> {
  let current = first;
  const told = new Set<() => void>();
  return {
    get: () => current,
    set(value) {
      if (value === current) return;
      current = value;
      for (const tell of told) tell();
    },
    subscribe(tell) {
      told.add(tell);
      return () => told.delete(tell);
    },
  };
}
