// Lists that are kept sorted by a text.

/** Where a text stands in a sorted list, or would stand. */
export const lowerBound = (sorted: readonly string[], text: string): number => lowerBoundBy(sorted, itself, text)

const itself = (text: string) => text

/** Where the first element stands whose text is not less. */
export function lowerBoundBy<Element>(sorted: readonly Element[], textOf: (element: Element) => string, text: string): number {
  let [low, high] = [0, sorted.length]
  // What comes in order goes to the end.
  if (high && textOf(sorted[high - 1]) < text) return high
  while (low < high) {
    const middle = (low + high) >>> 1
    if (textOf(sorted[middle]) < text) low = middle + 1
    else high = middle
  }
  return low
}
