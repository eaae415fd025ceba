// Unified diff of two texts, with three lines around each change.
// Upstream: github.com/pmezard/go-difflib, which follows Python's difflib: longest common block first, then left and right of it

/** `before[beforeStart]` and the `size` lines from there equal those of `after`. */
interface Block {
  beforeStart: number
  afterStart: number
  size: number
}
/** Lines `[beforeStart, beforeEnd)` became `[afterStart, afterEnd)`. */
interface Change {
  isEqual: boolean
  beforeStart: number
  beforeEnd: number
  afterStart: number
  afterEnd: number
}

const context = 3
// In long texts, lines that occur often (braces, `null`) say nothing about where to align; upstream leaves them out too.
const longText = 200
// Looking for common blocks costs up to the cube of this; of longer texts only what they share at both ends is told apart.
const linesMax = 2000

/** Each text without its last line end. @returns nothing when both are equal */
export function unifiedDiff(beforeText: string, afterText: string): string {
  const [before, after] = [beforeText.split('\n'), afterText.split('\n')]
  const blocks = Math.max(before.length, after.length) > linesMax ? commonEnds(before, after) : commonBlocks(before, after)
  return hunks(changesBetween(blocks, before.length, after.length))
    .map((hunk) => printHunk(hunk, before, after))
    .join('')
}

function commonEnds(before: readonly string[], after: readonly string[]): Block[] {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before[start] === after[start]) start++
  let end = 0
  while (end < shorter - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++
  return [
    { beforeStart: 0, afterStart: 0, size: start },
    { beforeStart: before.length - end, afterStart: after.length - end, size: end },
  ]
}

function commonBlocks(before: readonly string[], after: readonly string[]): Block[] {
  const places = placesOf(after)
  const found: Block[] = []
  const open = [[0, before.length, 0, after.length]]
  for (let range = open.pop(); range; range = open.pop()) {
    const [beforeStart, beforeEnd, afterStart, afterEnd] = range
    const block = longestBlock(before, after, places, range)
    if (block.size === 0) continue
    found.push(block)
    open.push([beforeStart, block.beforeStart, afterStart, block.afterStart])
    open.push([block.beforeStart + block.size, beforeEnd, block.afterStart + block.size, afterEnd])
  }
  return found.sort((one, other) => one.beforeStart - other.beforeStart)
}

function placesOf(lines: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>()
  for (const [index, line] of lines.entries()) {
    const known = places.get(line)
    if (known) known.push(index)
    else places.set(line, [index])
  }
  if (lines.length < longText) return places
  const placesMax = Math.floor(lines.length / 100) + 1
  return new Map([...places].filter(([, each]) => each.length <= placesMax))
}

/** Of equally long ones the first. */
function longestBlock(before: readonly string[], after: readonly string[], places: ReadonlyMap<string, number[]>, range: readonly number[]): Block {
  const [beforeStart, beforeEnd, afterStart, afterEnd] = range
  let best: Block = { beforeStart, afterStart, size: 0 }
  // By the place in `after`: how long the block is that ends there, for the line of `before` looked at last.
  let lengths = new Map<number, number>()
  for (let index = beforeStart; index < beforeEnd; index++) {
    const next = new Map<number, number>()
    for (const place of places.get(before[index]) ?? []) {
      if (place < afterStart) continue
      if (place >= afterEnd) break
      const size = (lengths.get(place - 1) ?? 0) + 1
      next.set(place, size)
      if (size > best.size) best = { beforeStart: index - size + 1, afterStart: place - size + 1, size }
    }
    lengths = next
  }
  return widened(best, before, after, range)
}

/** Takes in equal lines at both ends that `placesOf` left out. */
function widened(block: Block, before: readonly string[], after: readonly string[], [beforeStart, beforeEnd, afterStart, afterEnd]: readonly number[]): Block {
  let { beforeStart: from, afterStart: to, size } = block
  while (from > beforeStart && to > afterStart && before[from - 1] === after[to - 1]) {
    from--
    to--
    size++
  }
  while (from + size < beforeEnd && to + size < afterEnd && before[from + size] === after[to + size]) size++
  return { beforeStart: from, afterStart: to, size }
}

function changesBetween(blocks: readonly Block[], beforeLength: number, afterLength: number): Change[] {
  const changes: Change[] = []
  const push = (isEqual: boolean, beforeEnd: number, afterEnd: number) => {
    const { beforeEnd: beforeStart, afterEnd: afterStart } = changes.at(-1) ?? { beforeEnd: 0, afterEnd: 0 }
    if (beforeStart === beforeEnd && afterStart === afterEnd) return
    const last = changes.at(-1)
    if (last?.isEqual && isEqual) Object.assign(last, { beforeEnd, afterEnd })
    else changes.push({ isEqual, beforeStart, beforeEnd, afterStart, afterEnd })
  }
  for (const { beforeStart, afterStart, size } of blocks) {
    push(false, beforeStart, afterStart)
    push(true, beforeStart + size, afterStart + size)
  }
  push(false, beforeLength, afterLength)
  return changes
}

/** Changes with the equal lines around them; those with few lines between stand together. */
function hunks(changes: readonly Change[]): Change[][] {
  const groups: Change[][] = []
  let group: Change[] = []
  for (const [index, change] of changes.entries()) {
    if (!change.isEqual) {
      group.push(change)
      continue
    }
    const [isFirst, isLast] = [index === 0, index === changes.length - 1]
    const isWide = change.beforeEnd - change.beforeStart > 2 * context
    const whole = !isFirst && !isLast && !isWide
    if (whole) group.push(change)
    else {
      if (!isFirst) groups.push([...group, shortened(change, { end: context })])
      group = isLast ? [] : [shortened(change, { start: context })]
    }
  }
  if (group.some(({ isEqual }) => !isEqual)) groups.push(group)
  return groups.filter((each) => each.some(({ isEqual }) => !isEqual))
}

/** The first or last lines of what is equal. */
function shortened(change: Change, { start, end }: { start?: number; end?: number }): Change {
  const size = change.beforeEnd - change.beforeStart
  if (start !== undefined && size > start) return { ...change, beforeStart: change.beforeEnd - start, afterStart: change.afterEnd - start }
  if (end !== undefined && size > end) return { ...change, beforeEnd: change.beforeStart + end, afterEnd: change.afterStart + end }
  return change
}

function printHunk(hunk: readonly Change[], before: readonly string[], after: readonly string[]): string {
  const [first, last] = [hunk[0], hunk[hunk.length - 1]]
  const head = `@@ -${printRange(first.beforeStart, last.beforeEnd)} +${printRange(first.afterStart, last.afterEnd)} @@`
  const lines = hunk.flatMap(({ isEqual, beforeStart, beforeEnd, afterStart, afterEnd }) => {
    if (isEqual) return before.slice(beforeStart, beforeEnd).map((line) => ` ${line}`)
    return [...before.slice(beforeStart, beforeEnd).map((line) => `-${line}`), ...after.slice(afterStart, afterEnd).map((line) => `+${line}`)]
  })
  return [head, ...lines].map((line) => `${line}\n`).join('')
}

function printRange(start: number, end: number): string {
  const length = end - start
  if (length === 1) return String(start + 1)
  return `${length === 0 ? start : start + 1},${length}`
}
