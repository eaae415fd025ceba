// Path: says in one line where something stands in an answer, so that a recording is data throughout.
//
//   .metadata.name              a member
//   .metadata["a.b/c"]          a member whose name is no word
//   .rows[0]  .cells[:2]        an element, the first elements
//   .items[].metadata.name      of every element (or member): the path now says a list
//   .conditions[type=Ready]     of every element whose member has that value
//   … | length | sort           then: length, keys, sort, unique, first, lines, lastLine, encoded, exists, only "x"
//   .spec.replicas ?? .         the first of several that says something
import { isObject } from '../../src/machinery/index.js'

type Step = { kind: 'member'; name: string } | { kind: 'element'; index: number } | { kind: 'start'; count: number } | { kind: 'every' } | Match
type Match = { kind: 'match'; name: string; value: string }
type Filter = (value: unknown) => unknown
interface Path {
  steps: Step[]
  filters: Filter[]
}

const stepPattern = /\.(\w+)|\["([^"]*)"\]|\[(\d+)\]|\[:(\d+)\]|\[(\w+)=([^\]]*)\]|\[\]|\.(?=$|\[)/y
const parsed = new Map<string, Path[]>()

/** What stands there; nothing when a member or list on the way is absent. */
export function readPath(value: unknown, text: string): unknown {
  let found: unknown
  for (const { steps, filters } of pathsOf(text)) {
    found = filters.reduce((result, filter) => filter(result), follow(value, steps))
    if (found !== undefined && found !== null) break
  }
  return found
}

/** Changes the value in place: what stands there is taken out. */
export function removePath(value: unknown, text: string): void {
  changePath(value, text, (parent, key) => delete parent[key])
}

/** Changes the value in place: whatever stands there becomes `substitute`. */
export function hidePath(value: unknown, text: string, substitute: string): void {
  changePath(value, text, (parent, key) => {
    parent[key] = substitute
  })
}

function changePath(value: unknown, text: string, change: (parent: Record<string, unknown>, key: string) => void): void {
  const { steps } = pathsOf(text)[0]
  const last = steps[steps.length - 1]
  const parents = steps.slice(0, -1).reduce<unknown[]>((found, step) => found.flatMap((each) => manyOf(each, step)), [value])
  for (const parent of parents.filter((each) => typeof each === 'object' && each !== null) as Record<string, unknown>[]) {
    const keys = last.kind === 'every' ? Object.keys(parent) : last.kind === 'member' ? [last.name] : []
    for (const key of keys) if (parent[key] !== undefined) change(parent, key)
  }
}

function follow(value: unknown, steps: readonly Step[]): unknown {
  const spread = steps.findIndex(({ kind }) => kind === 'every' || kind === 'match')
  const toList = spread < 0 ? steps : steps.slice(0, spread)
  const start = toList.reduce(oneOf, value)
  if (spread < 0) return start
  if (start === undefined || start === null) return undefined
  return steps.slice(spread).reduce<unknown[]>((found, step) => found.flatMap((each) => manyOf(each, step)), [start])
}

function oneOf(value: unknown, step: Step): unknown {
  if (value === undefined || value === null) return undefined
  if (step.kind === 'member') return (value as Record<string, unknown>)[step.name]
  if (!Array.isArray(value)) return undefined
  return step.kind === 'element' ? value[step.index] : step.kind === 'start' ? value.slice(0, step.count) : undefined
}

/** A step that spreads gives any number of values, each other step exactly one. */
function manyOf(value: unknown, step: Step): unknown[] {
  if (step.kind === 'every') return Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []
  if (step.kind === 'match') return Array.isArray(value) ? value.filter((each) => isObject(each) && String(each[step.name]) === step.value) : []
  return [oneOf(value, step)]
}

function pathsOf(text: string): Path[] {
  const known = parsed.get(text) ?? text.split(' ?? ').map(parsePath)
  parsed.set(text, known)
  return known
}

function parsePath(text: string): Path {
  const [place, ...filters] = text.split(' | ')
  return { steps: parseSteps(place), filters: filters.map(parseFilter) }
}

function parseSteps(place: string): Step[] {
  const steps: Step[] = []
  stepPattern.lastIndex = 0
  while (stepPattern.lastIndex < place.length) {
    const at = stepPattern.lastIndex
    const match = stepPattern.exec(place)
    if (!match) throw new Error(`no path: ${place} (at ${at})`)
    const [whole, member, quoted, index, count, name, value] = match
    if (member !== undefined || quoted !== undefined) steps.push({ kind: 'member', name: member ?? quoted })
    else if (index !== undefined) steps.push({ kind: 'element', index: Number(index) })
    else if (count !== undefined) steps.push({ kind: 'start', count: Number(count) })
    else if (name !== undefined) steps.push({ kind: 'match', name, value })
    else if (whole === '[]') steps.push({ kind: 'every' })
  }
  return steps
}

const filters: Record<string, Filter> = {
  length: (value) => (typeof value === 'string' || Array.isArray(value) ? value.length : undefined),
  keys: (value) => (value && typeof value === 'object' ? Object.keys(value) : undefined),
  sort: (value) => (Array.isArray(value) ? [...value].sort() : undefined),
  unique: (value) => (Array.isArray(value) ? [...new Set(value)] : undefined),
  first: (value) => (Array.isArray(value) ? value[0] : undefined),
  lines: (value) => (typeof value === 'string' ? value.split('\n') : undefined),
  lastLine: (value) => (typeof value === 'string' ? value.trim().split('\n').at(-1) : undefined),
  encoded: (value) => encodeURIComponent(String(value ?? '')),
  exists: (value) => value !== undefined,
}

function parseFilter(text: string): Filter {
  if (text.startsWith('only ')) {
    const wanted: unknown = JSON.parse(text.slice('only '.length))
    return (value) => (Array.isArray(value) ? value.filter((each) => each === wanted) : undefined)
  }
  const filter = filters[text]
  if (!filter) throw new Error(`no filter of a path: ${text}`)
  return filter
}
