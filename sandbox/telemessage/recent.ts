/** What is remembered while there is room: the least recently used goes first. */

export interface Recent<Value> {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  clear(): void;
}

/** @param most how many values are kept */
export function recent<Value>(most: number): Recent<Value> {
  const held = new Map<string, Value>();
  const set = (key: string, value: Value): void => {
    held.delete(key);
    held.set(key, value);
    const oldest = held.keys().next().value;
    if (held.size > most && oldest !== undefined) held.delete(oldest);
  };
  return {
    get: (key) => {
      const value = held.get(key);
      if (value !== undefined) set(key, value);
      return value;
    },
    set,
    clear: () => held.clear(),
  };
}
