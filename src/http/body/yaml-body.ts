// A YAML body as upstream reads it: YAML 1.1 without timestamps, turned into JSON. Loaded with the first such request.
// Upstream: sigs.k8s.io/yaml, sigs.k8s.io/yaml/goyaml.v2/resolve.go
import {
  constructFromEvents,
  defineMappingTag,
  defineScalarTag,
  EVENT_ID,
  type Event,
  FAILSAFE_SCHEMA,
  getScalarValue,
  mergeTag,
  NOT_RESOLVED,
  parseEvents,
  YAMLException,
} from 'js-yaml'
import { nestingMax, type Status, setMember, status } from '../../machinery/index.js'
import { summarize } from './json-body.js'
import { describeYAMLError } from './yaml-errors.js'
import { resolvePlain } from './yaml-scalars.js'

export interface ParsedYAML {
  value: unknown
  /** `line 3: key "a" already set in map` */
  duplicateKeys: string[]
}

/** Nodes a document may have once its aliases are written out. */
const expandedNodesMax = 400_000

/**
 * The first document of a text; the others are not looked at, as upstream does not.
 * @returns `error` in upstream's words, `yaml: line 1: …`
 */
export function parseYAML(text: string): ParsedYAML | { error: string } {
  const documents = parseYAMLDocuments(text)
  return 'error' in documents ? documents : (documents[0] ?? { value: null, duplicateKeys: [] })
}

/** Every document of a text, empty ones as null. */
export function parseYAMLDocuments(text: string): ParsedYAML[] | { error: string } {
  try {
    const events = parseEvents(text, { maxDepth: nestingMax })
    const values = constructFromEvents(events, { source: text, schema, json: true, maxTotalMergeKeys: 10_000 })
    const duplicates = duplicateKeysOf(text, events)
    for (const value of values) requireBounded(value)
    return values.map((value, index) => ({ value, duplicateKeys: duplicates[index] ?? [] }))
  } catch (error) {
    if (error instanceof Unacceptable) return { error: error.message }
    if (error instanceof YAMLException) return { error: describeYAMLError(text, error) }
    throw error
  }
}

/** What a strict reader objects to, as one text. */
export function duplicateKeysProblem(lines: readonly string[]): string {
  return `yaml: unmarshal errors:\n${lines.map((line) => `  ${line}`).join('\n')}`
}

/** The answer to a body that is no YAML. @param kind what was expected: `Pod` */
export function unrecognizedYAMLBody(kind: string, error: string, bytes: Buffer): Status {
  return status.badRequest(`the object provided is unrecognized (must be of type ${kind}): ${error} (${summarize(bytes)})`)
}

class Unacceptable extends Error {}

const prefix = 'tag:yaml.org,2002:'

function scalarTag(name: string, accepts: (value: unknown) => boolean) {
  return defineScalarTag<unknown>(`${prefix}${name}`, {
    implicit: true,
    identify: () => false,
    resolve(source) {
      const value = resolvePlain(source)
      return accepts(value) ? value : NOT_RESOLVED
    },
  })
}

const isInteger = (value: unknown) => Number.isInteger(value)

/** Keys become text, `__proto__` is one like any other. */
const mapTag = defineMappingTag<Record<string, unknown>>(`${prefix}map`, {
  identify: () => false,
  create: () => ({}),
  has: (map, key) => typeof key !== 'object' && Object.hasOwn(map, String(key)),
  keys: (map) => Object.keys(map),
  get: (map, key) => map[String(key)],
  addPair(map, key, value) {
    if (typeof key !== 'string' && typeof key !== 'number' && typeof key !== 'boolean') return `unsupported map key of type: ${key === null ? 'nil' : 'map'}`
    setMember(map, String(key), value)
    return ''
  },
})

const binaryTag = defineScalarTag<string>(`${prefix}binary`, {
  identify: () => false,
  resolve: (source) => Buffer.from(source, 'base64').toString('utf8'),
})

const schema = FAILSAFE_SCHEMA.withTags(
  scalarTag('null', (value) => value === null),
  scalarTag('bool', (value) => typeof value === 'boolean'),
  scalarTag('int', isInteger),
  scalarTag('float', (value) => typeof value === 'number'),
  defineScalarTag<string>(`${prefix}timestamp`, { identify: () => false, resolve: (source) => source }),
  binaryTag,
  mergeTag,
  mapTag,
)

/** What a value is once its aliases are written out. */
interface Extent {
  nodes: number
  depth: number
}

/** Aliases share their target, so a small text can mean a huge document, or one without end. */
function requireBounded(root: unknown): void {
  const known = new Map<object, Extent | 'being measured'>()
  const measure = (value: unknown, level: number): Extent => {
    if (typeof value === 'number') requireFinite(value)
    if (typeof value !== 'object' || value === null) return scalarExtent
    const extent = known.get(value)
    if (extent === 'being measured') throw new Unacceptable('yaml: anchor value contains itself')
    if (extent) return extent
    known.set(value, 'being measured')
    const measured = { nodes: 1, depth: 1 }
    for (const each of Array.isArray(value) ? value : Object.values(value)) {
      if (level > nestingMax) throw new Unacceptable('exceeded max depth')
      const { nodes, depth } = measure(each, level + 1)
      measured.nodes += nodes
      measured.depth = Math.max(measured.depth, depth + 1)
    }
    if (measured.nodes > expandedNodesMax) throw new Unacceptable('yaml: document contains excessive aliasing')
    if (measured.depth > nestingMax) throw new Unacceptable('exceeded max depth')
    known.set(value, measured)
    return measured
  }
  measure(root, 0)
}

const scalarExtent: Extent = { nodes: 1, depth: 0 }

function requireFinite(value: number): void {
  if (Number.isFinite(value)) return
  throw new Unacceptable(`json: unsupported value: ${Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'}`)
}

interface Collection {
  /** Keys seen; absent in sequences and documents. */
  keys?: Set<string>
  expectsKey: boolean
}

/** Keys given twice in one mapping, by document. */
function duplicateKeysOf(text: string, events: readonly Event[]): string[][] {
  const found: string[][] = []
  const open: Collection[] = []
  const lines = new LineCounter(text)
  for (const event of events) {
    if (event.type === EVENT_ID.POP) {
      open.pop()
      continue
    }
    const parent = open.at(-1)
    const isKey = parent?.keys !== undefined && parent.expectsKey
    if (parent) parent.expectsKey = !parent.expectsKey
    if (event.type === EVENT_ID.SCALAR && isKey) {
      const key = getScalarValue(text, event)
      if (parent.keys?.has(key) && key !== '<<') found.at(-1)?.push(`line ${lines.at(event.valueStart)}: key ${JSON.stringify(key)} already set in map`)
      parent.keys?.add(key)
    } else if (event.type === EVENT_ID.DOCUMENT) {
      found.push([])
      open.push({ expectsKey: false })
    } else if (event.type === EVENT_ID.MAPPING) open.push({ keys: new Set(), expectsKey: true })
    else if (event.type === EVENT_ID.SEQUENCE) open.push({ expectsKey: false })
  }
  return found
}

/** Line numbers, from 1, of positions asked for in ascending order. */
class LineCounter {
  readonly #text: string
  #position = 0
  #line = 1

  constructor(text: string) {
    this.#text = text
  }

  at(position: number): number {
    for (let next = this.#text.indexOf('\n', this.#position); next !== -1 && next < position; next = this.#text.indexOf('\n', this.#position)) {
      this.#line++
      this.#position = next + 1
    }
    return this.#line
  }
}
