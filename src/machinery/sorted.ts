// Lists of texts that are kept sorted.

/** Where a text stands in a sorted list, or would stand. */
export function lowerBound(sorted: readonly string[], text: string): number {
  let [low, high] = [0, sorted.length]
  // What comes in order goes to the end.
  if (high && sorted[high - 1] < text) return high
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sorted[middle] < text) low = middle + 1
    else high = middle
  }
  return low
}
