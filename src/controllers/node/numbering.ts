// Numbering: who holds which numbers of a range, be they addresses or parts of a network, and the lowest number that nobody holds.
// The range is cut into blocks, and an index knows who holds numbers in each. So the next free number is found by asking each block
// before it once and reading one, however many objects there are.
import { defineIndex, type KubeObject, type ResourceDefinition, type Snapshot } from '../../machinery/index.js'

/** Both ends belong to it. */
export interface Span {
  first: number
  last: number
}

export interface Numbering {
  /** Nothing when all are held. */
  lowestFree(snapshot: Snapshot): number | undefined
}

export interface NumberingOptions<T extends KubeObject> {
  definition: ResourceDefinition<T>
  /** Numbers go from 0 to one less. */
  count: number
  /** What an object holds, within the range. */
  spansOf(object: T): readonly Span[]
  /** Numbers that nobody is to have. */
  reserved?: readonly Span[]
}

/** A constant, as an index is: each one made lives as long as the store. */
export function defineNumbering<T extends KubeObject>({ definition, count, spansOf: readSpans, reserved = [] }: NumberingOptions<T>): Numbering {
  // As many blocks as a block has numbers, or nearly: neither is ever long.
  const blockBits = Math.ceil(Math.log2(Math.max(count, 2)) / 2)
  const blockSize = 2 ** blockBits
  const blocksOf = ({ first, last }: Span) => Array.from({ length: (last >> blockBits) - (first >> blockBits) + 1 }, (_, index) => (first >> blockBits) + index)
  const spans = new WeakMap<T, readonly Span[]>()

  function spansOf(object: T): readonly Span[] {
    const known = spans.get(object) ?? readSpans(object)
    spans.set(object, known)
    return known
  }

  const holders = defineIndex<T>({ definition, values: (object) => [...new Set(spansOf(object).flatMap(blocksOf))].map(String) })
  /** The lowest free number of a block, or -1, by the list of its holders, which is the same until one of them changes. */
  const lowest = new WeakMap<readonly T[], number>()

  function lowestIn(block: number, present: readonly T[]): number {
    const first = block * blockSize
    const isTaken = new Uint8Array(blockSize)
    for (const span of [...reserved, ...present.flatMap(spansOf)]) isTaken.fill(1, Math.max(span.first - first, 0), Math.max(span.last - first + 1, 0))
    const free = isTaken.indexOf(0)
    return free < 0 || first + free >= count ? -1 : first + free
  }

  return {
    lowestFree(snapshot) {
      for (let block = 0; block * blockSize < count; block++) {
        const present = snapshot.find(holders, String(block))
        const found = lowest.get(present) ?? lowestIn(block, present)
        // What nobody holds may be the same empty list for every block.
        if (present.length) lowest.set(present, found)
        if (found >= 0) return found
      }
      return undefined
    },
  }
}
