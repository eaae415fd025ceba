// Brings any JSON into canonical form: what the API would print for it. Fields stand in the order of the shape, nothing
// empty remains but what is printed empty, maps are sorted, quantities and times have their one spelling.
// Upstream: what decoding into Go structs and encoding them again does (apimachinery/pkg/runtime/serializer/json)
import type { Plain } from '../object.js'
import { canonicalQuantity } from '../quantity.js'
import type { Field, FieldType, ScalarName, Shape } from './shape.js'

/** Why a value cannot be of its type. `message` is the decoder's. */
export interface DecodeError {
  message: string
}

export interface Canonical {
  object: Plain
  /** Whether a key was dropped because the shape has no such field; `unknownFields` names them. */
  hasUnknown: boolean
}

class Mismatch extends Error {}

interface Walk {
  hasUnknown: boolean
  keepsEmpty: boolean
}

export interface CanonicalizeOptions {
  /** Empty lists and maps that a client has sent stay in place of null. Nothing but ownership tells them apart, and nothing stores them. */
  keepsEmpty?: boolean
}

/** A fresh copy of `value` in canonical form, or why it is not of this shape. Never changes `value`. */
export function canonicalize(shape: Shape, value: unknown, { keepsEmpty = false }: CanonicalizeOptions = {}): Canonical | DecodeError {
  const walk: Walk = { hasUnknown: false, keepsEmpty }
  try {
    return { object: structOf(shape, value, walk), hasUnknown: walk.hasUnknown }
  } catch (error) {
    if (error instanceof Mismatch) return { message: describeMismatch(shape, value) ?? error.message }
    throw error
  }
}

/** Canonical form of what is known to be of its shape: drafts after hooks. @throws when it is not */
export function recanonicalize(shape: Shape, value: unknown): Plain {
  const result = canonicalize(shape, value)
  if ('message' in result) throw new Error(`${shape.key} left its shape: ${result.message}`)
  return result.object
}

export function isDecodeError(result: Canonical | DecodeError): result is DecodeError {
  return 'message' in result
}

function structOf(shape: Shape, value: unknown, walk: Walk): Plain {
  if (!isObject(value)) throw new Mismatch('not an object')
  const out: Plain = {}
  if (shape.hasTypeMeta) for (const name of typeMeta) if (isTypeMeta(shape, name)) takeTypeMeta(name, value, out)
  const places = placesOf(shape)
  const given = fieldsIn(shape, places, value, walk)
  let printed = 0
  for (const place of given) {
    for (; printed < places.printed.length && places.printed[printed] < place; printed++)
      printEmpty(shape.fields[places.printed[printed]], undefined, out, walk)
    const field = shape.fields[place]
    const member = value[field.name]
    const kept = member === null || field.gate ? undefined : canonicalValue(field.type, member, walk, field)
    if (kept !== undefined) out[field.name] = kept
    else if (field.printed) printEmpty(field, member, out, walk)
    if (places.printed[printed] === place) printed++
  }
  for (; printed < places.printed.length; printed++) printEmpty(shape.fields[places.printed[printed]], undefined, out, walk)
  return out
}

/** Where fields stand in their shape: objects have few of the fields that their types have. */
interface Places {
  of: ReadonlyMap<string, number>
  /** Of the fields that are always printed, in order. */
  printed: readonly number[]
}

const knownPlaces = new WeakMap<Shape, Places>()

function placesOf(shape: Shape): Places {
  const known = knownPlaces.get(shape)
  if (known) return known
  const { fields } = shape
  const places = {
    of: new Map(fields.map(({ name }, index) => [name, index])),
    printed: fields.flatMap(({ printed }, index) => (printed ? [index] : [])),
  }
  knownPlaces.set(shape, places)
  return places
}

/** The places of the fields that are there, in order. */
function fieldsIn(shape: Shape, { of }: Places, value: Plain, walk: Walk): number[] {
  const found: number[] = []
  let isSorted = true
  for (const name in value) {
    if (value[name] === undefined) continue
    const place = of.get(name)
    if (place === undefined) {
      if (!shape.hasTypeMeta || !isTypeMeta(shape, name)) walk.hasUnknown = true
      continue
    }
    if (found.length && found[found.length - 1] > place) isSorted = false
    found.push(place)
  }
  return isSorted ? found : found.sort((one, other) => one - other)
}

const isTypeMeta = (shape: Shape, name: string) => (name === 'kind' || name === 'apiVersion') && !shape.field.has(name)

function takeTypeMeta(name: string, value: Plain, out: Plain): void {
  const text = Object.hasOwn(value, name) ? value[name] : undefined
  if (text === undefined || text === null || text === '') return
  if (typeof text !== 'string') throw new Mismatch('type meta')
  out[name] = text
}

function printEmpty(field: Field, given: unknown, out: Plain, walk: Walk): void {
  out[field.name] = (walk.keepsEmpty && emptyCollection(field, given)) || emptyOf(field)
}

const typeMeta = ['kind', 'apiVersion']

/** The canonical value, or undefined when it says no more than its absence. */
function canonicalValue(type: FieldType, value: unknown, walk: Walk, field?: Field): unknown {
  switch (type.kind) {
    case 'scalar':
      return scalarOf(type.name, value, field)
    case 'struct': {
      const struct = structOf(type.shape, value, walk)
      return field && !field.pointer && !field.printed && isEmpty(struct) ? undefined : struct
    }
    case 'list': {
      if (!Array.isArray(value)) throw new Mismatch('not a list')
      return value.length ? value.map((each) => elementOf(type.of, each, walk)) : undefined
    }
    case 'map':
      return mapOf(type.of, value, walk)
  }
}

function mapOf(of: FieldType, value: unknown, walk: Walk): Plain | undefined {
  if (!isObject(value)) throw new Mismatch('not a map')
  const keys = Object.keys(value)
  if (!keys.length) return undefined
  if (keys.length > 1) keys.sort()
  const out: Plain = {}
  for (const key of keys) setMember(out, key, elementOf(of, value[key], walk))
  return out
}

/** Elements of lists and maps: null is the zero value, nothing is left out. */
function elementOf(type: FieldType, value: unknown, walk: Walk): unknown {
  if (type.kind === 'scalar' && type.name === 'string' && typeof value === 'string') return value
  if (value === null || value === undefined) {
    if (type.kind === 'struct') return structOf(type.shape, {}, walk)
    return elementZero(type)
  }
  const kept = canonicalValue(type, value, walk)
  return kept === undefined ? elementZero(type) : kept
}

/** Bytes that are null come back from storage as none. */
function elementZero(type: FieldType): unknown {
  if (type.kind !== 'scalar') return null
  return type.name === 'bytes' ? '' : zeroOf(type.name)
}

function scalarOf(name: ScalarName, value: unknown, field?: Field): unknown {
  const dropsZero = field !== undefined && !field.pointer && !field.printed
  switch (name) {
    case 'string':
      if (typeof value !== 'string') throw new Mismatch('not a string')
      return value === '' && dropsZero ? undefined : value
    case 'bool':
      if (typeof value !== 'boolean') throw new Mismatch('not a boolean')
      return !value && dropsZero ? undefined : value
    case 'int32':
    case 'int64':
      if (typeof value !== 'number' || !Number.isInteger(value) || value >= integerEnd[name] || value < -integerEnd[name]) throw new Mismatch('not an integer')
      return value === 0 && dropsZero ? undefined : value
    case 'double':
      if (typeof value !== 'number') throw new Mismatch('not a number')
      return value === 0 && dropsZero ? undefined : value
    case 'bytes':
      if (typeof value !== 'string' || !isBase64(value)) throw new Mismatch('illegal base64 data')
      return value === '' && field && !field.pointer ? undefined : value
    case 'Quantity': {
      const text = typeof value === 'number' ? formatNumber(value) : value
      const canonical = typeof text === 'string' ? canonicalQuantity(text) : undefined
      if (canonical === undefined) throw new Mismatch('not a quantity')
      return canonical
    }
    case 'IntOrString':
      if (typeof value !== 'string' && !(typeof value === 'number' && Number.isInteger(value))) throw new Mismatch('neither integer nor string')
      return value
    case 'Time':
      return timeOf(value)
    case 'MicroTime':
      if (typeof value !== 'string' || !microTime.test(value)) throw new Mismatch('not a time with six digits')
      return value.endsWith('Z') ? value : `${new Date(Date.parse(value)).toISOString().slice(0, 20)}${value.slice(20, 26)}Z`
    case 'Duration':
      if (typeof value !== 'string') throw new Mismatch('not a duration')
      return value
    case 'FieldsV1':
      if (!isObject(value)) throw new Mismatch('not an object')
      return value
    case 'RawExtension':
    case 'JSON':
    case 'any':
      return value
  }
}

// One beyond the largest; the smallest is its negative.
const integerEnd = { int32: 2 ** 31, int64: 2 ** 63 }

const utcTime = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/
const anyTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/
const microTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(?:Z|[+-]\d\d:\d\d)$/

function timeOf(value: unknown): string {
  if (typeof value !== 'string') throw new Mismatch('not a time')
  if (utcTime.test(value)) return value
  const millis = anyTime.test(value) ? Date.parse(value) : Number.NaN
  if (Number.isNaN(millis)) throw new Mismatch('not a time')
  return `${new Date(millis).toISOString().slice(0, 19)}Z`
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

function isBase64(text: string): boolean {
  // Go's decoder skips line breaks.
  return text.length < 1024 ? base64.test(text.replace(/[\r\n]/g, '')) : isLongBase64(text.replace(/[\r\n]/g, ''))
}

function isLongBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
}

function formatNumber(value: number): string {
  return String(value)
}

function emptyCollection({ type, gate }: Field, given: unknown): unknown {
  if (typeof given !== 'object' || given === null || gate) return undefined
  return type.kind === 'list' ? [] : type.kind === 'map' ? {} : undefined
}

/** What is printed for a field that has nothing. */
function emptyOf(field: Field): unknown {
  if (field.pointer || field.type.kind === 'list' || field.type.kind === 'map') return null
  if (field.type.kind === 'struct') return structOf(field.type.shape, {}, { hasUnknown: false, keepsEmpty: false })
  return zeroOf(field.type.name)
}

function zeroOf(name: ScalarName): unknown {
  switch (name) {
    case 'string':
      return ''
    case 'bool':
      return false
    case 'int32':
    case 'int64':
    case 'double':
    case 'IntOrString':
      return 0
    case 'Quantity':
      return '0'
    default:
      return null
  }
}

function isEmpty(value: Plain): boolean {
  for (const _ in value) return false
  return true
}

export function isObject(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Sets a member whatever its name: `__proto__` too is only a key. */
export function setMember(target: Plain, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  else target[key] = value
}

/** Paths of all keys that the shape does not know, in document order: `spec.ports[0].prot`. */
export function unknownFields(shape: Shape, value: unknown): string[] {
  const found: string[] = []
  collectUnknown({ kind: 'struct', shape }, value, '', found)
  return found
}

// A report longer than this serves nobody.
const unknownFieldsMax = 100

function collectUnknown(type: FieldType, value: unknown, path: string, found: string[]): void {
  if (found.length >= unknownFieldsMax) return
  if (type.kind === 'list' && Array.isArray(value)) {
    value.forEach((each, index) => {
      collectUnknown(type.of, each, `${path}[${index}]`, found)
    })
  } else if (type.kind === 'map' && isObject(value)) {
    for (const key of Object.keys(value)) collectUnknown(type.of, value[key], join(path, key), found)
  } else if (type.kind === 'struct' && isObject(value)) {
    for (const key of Object.keys(value)) {
      const field = type.shape.field.get(key)
      if (field) collectUnknown(field.type, value[key], join(path, key), found)
      else if (!(type.shape.hasTypeMeta && typeMeta.includes(key))) found.push(join(path, key))
    }
  }
}

const join = (path: string, name: string) => (path ? `${path}.${name}` : name)

// Go's names of JSON values and of scalar types, as its decoder's errors use them.
const goTypes: Partial<Record<ScalarName, string>> = { string: 'string', bool: 'bool', int32: 'int32', int64: 'int64', double: 'float64', IntOrString: 'int32' }

function jsonTypeOf(value: unknown): string {
  if (typeof value === 'boolean') return 'bool'
  if (Array.isArray(value)) return 'array'
  return typeof value
}

/** The decoder's words for the first value that is not of its type. */
function describeMismatch(shape: Shape, value: unknown): string | undefined {
  return mismatchIn({ kind: 'struct', shape }, value, { struct: shape.name, path: '' })
}

interface Place {
  struct: string
  path: string
}

function mismatchIn(type: FieldType, value: unknown, place: Place): string | undefined {
  if (value === null || value === undefined) return undefined
  const cannot = (goType: string, shown = jsonTypeOf(value)) =>
    `json: cannot unmarshal ${shown} into Go struct field ${place.struct}.${place.path} of type ${goType}`
  switch (type.kind) {
    case 'list':
      if (!Array.isArray(value)) return cannot(goTypeOf(type))
      return firstDefined(value, (each) => mismatchIn(type.of, each, place))
    case 'map':
      if (!isObject(value)) return cannot(goTypeOf(type))
      return firstDefined(Object.keys(value), (key) => mismatchIn(type.of, value[key], place))
    case 'struct': {
      if (!isObject(value)) return place.path ? cannot(goTypeOf(type)) : `json: cannot unmarshal ${jsonTypeOf(value)} into Go value of type ${goTypeOf(type)}`
      return firstDefined(type.shape.fields, (field) =>
        mismatchIn(field.type, value[field.name], { struct: type.shape.name, path: join(place.path, field.name) }),
      )
    }
    case 'scalar':
      try {
        scalarOf(type.name, value)
        return undefined
      } catch {
        return scalarMismatch(type.name, value, cannot)
      }
  }
}

function scalarMismatch(name: ScalarName, value: unknown, cannot: (goType: string, shown?: string) => string): string {
  if (name === 'Quantity') return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
  if (name === 'bytes' && typeof value === 'string') return `illegal base64 data at input byte ${Math.max(0, value.search(/[^A-Za-z0-9+/]/))}`
  if (name === 'Time' && typeof value === 'string')
    return `parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(value)} as "2006"`
  if (name === 'MicroTime' && typeof value === 'string') {
    return `parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05.000000Z07:00": cannot parse ${JSON.stringify(value.slice(19))} as ".000000"`
  }
  const goType = goTypes[name] ?? name
  return typeof value === 'number' && goType.startsWith('int') ? cannot(goType, `number ${value}`) : cannot(goType)
}

function goTypeOf(type: FieldType): string {
  if (type.kind === 'list') return `[]${goTypeOf(type.of)}`
  if (type.kind === 'map') return `map[string]${goTypeOf(type.of)}`
  return type.kind === 'struct' ? `${type.shape.package.version}.${type.shape.name}` : (goTypes[type.name] ?? type.name)
}

function firstDefined<Item>(items: readonly Item[], find: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}
