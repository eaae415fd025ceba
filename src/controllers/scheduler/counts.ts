// Counts by name; none of them is 0.

export function step<Key>(counts: Map<Key, number>, key: Key, by: number): void {
  const count = (counts.get(key) ?? 0) + by
  if (count) counts.set(key, count)
  else counts.delete(key)
}
