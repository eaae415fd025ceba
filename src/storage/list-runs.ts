// Objects that stand side by side in lists, printed and put together once: a list is made of runs, and a change costs the one it is in.
//
// Where a run begins follows from the state it begins with. So what comes before may change, and all later runs are as they were.
import type { Stored } from './store.js'

/** Elements of a list, each followed by a comma. It is kept with the first of them. */
export interface ListRun {
  readonly bytes: Buffer
  /** Of the elements: each is one state of one object. */
  readonly revisions: readonly number[]
  /** Where each of them ends in the bytes. */
  readonly ends: readonly number[]
  /** It ended because it was long. */
  readonly isFull: boolean
}

// One of so many states begins a run.
const runItems = 32
const runBytesMax = 64 * 1024

const beginsRun = ({ revision }: Stored) => Math.imul(revision, 0x9e3779b1) >>> 0 < 2 ** 32 / runItems

/**
 * The elements of a list, each without kind and apiVersion and followed by a comma, one run after the other. What is not kept may be a text.
 * @param items a stretch of a collection, with nothing left out, for runs to be kept @param headLength of what an element goes without
 */
export function* runsOf(items: readonly Stored[], headLength: number, { keeps }: { keeps: boolean }): Generator<Buffer | string> {
  for (let from = 0; from < items.length; ) {
    const known = keeps ? items[from].run : undefined
    const run = known && fits(known, items, from) ? known : runAt(items, from, { headLength, keeps, known })
    yield 'text' in run ? run.text : run.bytes
    from += run.revisions.length
  }
}

function fits({ revisions, isFull }: ListRun, items: readonly Stored[], from: number): boolean {
  const end = from + revisions.length
  if (end > items.length) return false
  for (let index = 0; index < revisions.length; index++) if (items[from + index].revision !== revisions[index]) return false
  return isFull || end === items.length || beginsRun(items[end])
}

interface Making {
  headLength: number
  keeps: boolean
  /** The one that stood there, for what it has in common with the new one. */
  known: ListRun | undefined
}

function runAt(items: readonly Stored[], from: number, { headLength, keeps, known }: Making): ListRun | { text: string; revisions: number[] } {
  const [parts, revisions, ends]: [(Buffer | string)[], number[], number[]] = [[], [], []]
  let [length, place, at] = [0, 0, from]
  do {
    const { revision } = items[at]
    const before = known ? known.revisions.indexOf(revision, place) : -1
    if (known && before >= 0) {
      parts.push(known.bytes.subarray(known.ends[before - 1] ?? 0, known.ends[before]))
      length += parts[parts.length - 1].length
      place = before + 1
    } else length += pushElement(parts, keeps ? items[at].printedOnce : items[at].printed, headLength)
    revisions.push(revision)
    ends.push(length)
    at++
  } while (length < runBytesMax && at < items.length && !beginsRun(items[at]))
  const fill = (bytes: Buffer): ListRun => {
    let end = 0
    for (const part of parts) end += typeof part === 'string' ? bytes.write(part, end) : part.copy(bytes, end)
    return { bytes, revisions, ends, isFull: length >= runBytesMax }
  }
  // At the end of a page it may be shorter than the one of the whole.
  const isCutShort = at === items.length && known !== undefined && known.revisions.length > revisions.length
  const kept = keeps && !isCutShort ? items[from].keepRun(length, fill) : undefined
  if (kept) return kept
  // Texts are gone soon; the memory of buffers would be V8's to find, again and again.
  return parts.some((part) => typeof part === 'string') ? { text: parts.join(''), revisions } : fill(Buffer.allocUnsafe(length))
}

const brace = Buffer.from('{')
const comma = Buffer.from(',')

/** @returns how many bytes it has */
function pushElement(parts: (Buffer | string)[], printed: Buffer | string, headLength: number): number {
  if (typeof printed === 'string') {
    const element = `{${printed.slice(headLength, -1)},`
    parts.push(element)
    return Buffer.byteLength(element)
  }
  const rest = printed.subarray(headLength, -1)
  parts.push(brace, rest, comma)
  return rest.length + 2
}
