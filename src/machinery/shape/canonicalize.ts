// Brings any JSON into canonical form: what the API would print for it. Fields stand in the order of the shape, nothing
// empty remains but what is printed empty, maps are sorted, quantities and times have their one spelling.
// Upstream: what decoding into Go structs and encoding them again does (apimachinery/pkg/runtime/serializer/json)
import { isObject, type Plain, setMember } from '../object.js'
import { describeMismatch } from './mismatch.js'
import { Mismatch, scalarOf, zeroOf } from './scalars.js'
import type { Field, FieldType, Shape } from './shape.js'

/** Why a value cannot be of its type. `message` is the decoder's. */
export interface DecodeError {
  message: string
}

export interface Canonical {
  object: Plain
  /** Whether a key was dropped because the shape has no such field; `unknownFields` names them. */
  hasUnknown: boolean
}

interface Walk {
  hasUnknown: boolean
  readonly keepsEmpty: boolean
  readonly takesOver: boolean
}

export interface CanonicalizeOptions {
  /** Empty lists and maps that a client has sent stay in place of null. Nothing but ownership tells them apart, and nothing stores them. */
  keepsEmpty?: boolean
  /** Parts that are canonical already become parts of the result as they are, all but metadata; otherwise nothing is shared but the values of free-form fields. */
  takesOver?: boolean
  /** With `takesOver`: an object in canonical form. A part that is the very one in the same place of this object is not looked at. */
  before?: Plain
}

/** `value` in canonical form, or why it is not of this shape. Never changes `value`; the object and its metadata are always new. */
export function canonicalize(
  shape: Shape,
  value: unknown,
  { keepsEmpty = false, takesOver = false, before }: CanonicalizeOptions = {},
): Canonical | DecodeError {
  const walk: Walk = { hasUnknown: false, keepsEmpty, takesOver }
  try {
    return { object: objectOf(shape, value, walk, takesOver ? before : undefined), hasUnknown: walk.hasUnknown }
  } catch (error) {
    if (error instanceof Mismatch) return { message: describeMismatch(shape, value) ?? error.message }
    throw error
  }
}

/**
 * Canonical form of what is known to be of its shape: drafts after hooks. Takes over what is canonical.
 * @param before an object in canonical form: a part that is the very one in the same place of it is not looked at @throws when it is not of its shape
 */
export function recanonicalize(shape: Shape, value: Plain, before?: Plain): Plain {
  const walk: Walk = { hasUnknown: false, keepsEmpty: false, takesOver: true }
  try {
    return objectOf(shape, value, walk, before)
  } catch (error) {
    if (error instanceof Mismatch) throw new Error(`${shape.key} left its shape: ${describeMismatch(shape, value) ?? error.message}`)
    throw error
  }
}

export function isDecodeError(result: Canonical | DecodeError): result is DecodeError {
  return 'message' in result
}

/** The root of a value. It is new, with its metadata, because these are what a write goes on to change. */
function objectOf(shape: Shape, value: unknown, walk: Walk, before?: Plain): Plain {
  if (!isObject(value)) throw new Mismatch('not an object')
  const out: Plain = {}
  if (shape.hasTypeMeta) for (const name of typeMeta) if (isTypeMeta(shape, name)) takeTypeMeta(name, value, out)
  return build(shape, value, walk, { out, given: fieldsIn(shape, value, walk), before })
}

function structOf(shape: Shape, value: unknown, walk: Walk, before?: Plain): Plain {
  if (shape.hasTypeMeta) return objectOf(shape, value, walk, before)
  if (!isObject(value)) throw new Mismatch('not an object')
  if (walk.takesOver && shape.name !== metadataName) return takeOver(shape, value, walk, before)
  return build(shape, value, walk, { out: {}, given: fieldsIn(shape, value, walk), before })
}

const metadataName = 'ObjectMeta'

/** The value itself when it is canonical; else a copy that has those of its members that are. */
function takeOver(shape: Shape, value: Plain, walk: Walk, before: Plain | undefined): Plain {
  const { field: fields, printed } = shape
  let [last, next, count] = [-1, 0, 0]
  for (const name in value) {
    const member = value[name]
    const field = member === undefined ? undefined : fields.get(name)
    // Out of order, unknown, or after something that should have been printed.
    if (!field || field.place < last || printed[next] < field.place) return rebuild(shape, value, walk, { count, before })
    const kept = member === null ? nullIn(field) : field.gate ? undefined : memberOf(field, member, walk, before)
    if (kept !== member) return rebuild(shape, value, walk, { count, next: { name, kept }, before })
    last = field.place
    if (printed[next] === last) next++
    count++
  }
  return next === printed.length ? value : rebuild(shape, value, walk, { count, before })
}

interface Rebuilding {
  /** How many members from the first on are as they should be. */
  count: number
  /** What becomes of the next one, if that is known. */
  next?: { name: string; kept: unknown }
  before: Plain | undefined
}

function rebuild(shape: Shape, value: Plain, walk: Walk, { count, next, before }: Rebuilding): Plain {
  const known = new Map<string, unknown>()
  let left = count
  for (const name in value) {
    if (left-- === 0) break
    known.set(name, value[name])
  }
  if (next) known.set(next.name, next.kept)
  return build(shape, value, walk, { out: {}, given: fieldsIn(shape, value, walk), known, before })
}

/** Null where it is what is printed for nothing. */
function nullIn(field: Field): null | undefined {
  const isPrinted = field.printed && !field.gate && (field.pointer || field.type.kind === 'list' || field.type.kind === 'map')
  return isPrinted ? null : undefined
}

interface Building {
  out: Plain
  /** Places of the fields that `value` has, in order. */
  given: readonly number[]
  /** What becomes of some of them. */
  known?: ReadonlyMap<string, unknown>
  before?: Plain
}

function build(shape: Shape, value: Plain, walk: Walk, { out, given, known, before }: Building): Plain {
  const { fields, printed } = shape
  let next = 0
  for (const place of given) {
    for (; printed[next] < place; next++) printEmpty(fields[printed[next]], undefined, out, walk)
    const field = fields[place]
    const member = value[field.name]
    const kept = known?.has(field.name) ? known.get(field.name) : member === null || field.gate ? undefined : memberOf(field, member, walk, before)
    if (kept !== undefined) out[field.name] = kept
    else if (field.printed) printEmpty(field, member, out, walk)
    if (printed[next] === place) next++
  }
  for (; next < printed.length; next++) printEmpty(fields[printed[next]], undefined, out, walk)
  return out
}

function memberOf(field: Field, member: unknown, walk: Walk, before: Plain | undefined): unknown {
  const earlier = before === undefined ? undefined : before[field.name]
  if (earlier === member && typeof member === 'object' && field.name !== 'metadata') return member
  return canonicalValue(field.type, member, walk, earlier, field)
}

/** The places of the fields that are there, in order. */
function fieldsIn(shape: Shape, value: Plain, walk: Walk): number[] {
  const found: number[] = []
  let isSorted = true
  for (const name in value) {
    if (value[name] === undefined) continue
    const place = shape.field.get(name)?.place
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

/** The canonical value, or undefined when it says no more than its absence. @param before what stood in the same place, whatever it is */
function canonicalValue(type: FieldType, value: unknown, walk: Walk, before: unknown, field?: Field): unknown {
  switch (type.kind) {
    case 'scalar':
      return scalarOf(type.name, value, field)
    case 'struct': {
      const struct = structOf(type.shape, value, walk, isObject(before) ? before : undefined)
      return field && !field.pointer && !field.printed && isEmpty(struct) ? undefined : struct
    }
    case 'list':
      return listOf(type.of, value, walk, Array.isArray(before) ? before : [])
    case 'map':
      return mapOf(type.of, value, walk, isObject(before) ? before : none)
  }
}

const none: Plain = Object.freeze({})

function listOf(of: FieldType, value: unknown, walk: Walk, before: readonly unknown[]): unknown[] | undefined {
  if (!Array.isArray(value)) throw new Mismatch('not a list')
  if (!value.length) return undefined
  // Copied whole: a list that grows has room for sixteen more, for as long as the object is stored.
  let out: unknown[] | undefined = walk.takesOver ? undefined : value.slice()
  for (let index = 0; index < value.length; index++) {
    const kept = elementOf(of, value[index], walk, before[index])
    if (kept === value[index]) continue
    out ??= value.slice()
    out[index] = kept
  }
  return out ?? value
}

function mapOf(of: FieldType, value: unknown, walk: Walk, before: Plain): Plain | undefined {
  if (!isObject(value)) throw new Mismatch('not a map')
  const keys = Object.keys(value)
  if (!keys.length) return undefined
  const isSorted = isAscending(keys)
  if (!isSorted) keys.sort()
  let out: Plain | undefined = walk.takesOver && isSorted ? undefined : {}
  for (let index = 0; index < keys.length; index++) {
    const key = keys[index]
    const kept = elementOf(of, value[key], walk, Object.hasOwn(before, key) ? before[key] : undefined)
    if (out === undefined && kept !== value[key]) {
      out = {}
      for (let earlier = 0; earlier < index; earlier++) setMember(out, keys[earlier], value[keys[earlier]])
    }
    if (out !== undefined) setMember(out, key, kept)
  }
  return out ?? value
}

function isAscending(keys: readonly string[]): boolean {
  for (let index = 1; index < keys.length; index++) if (keys[index - 1] > keys[index]) return false
  return true
}

/** Elements of lists and maps: null is the zero value, nothing is left out. */
function elementOf(type: FieldType, value: unknown, walk: Walk, before: unknown): unknown {
  if (type.kind === 'scalar' && type.name === 'string' && typeof value === 'string') return value
  if (value === before && typeof value === 'object' && value !== null) return value
  if (value === null || value === undefined) {
    if (type.kind === 'struct') return structOf(type.shape, {}, walk)
    return elementZero(type)
  }
  const kept = canonicalValue(type, value, walk, before)
  return kept === undefined ? elementZero(type) : kept
}

/** Bytes that are null come back from storage as none. */
function elementZero(type: FieldType): unknown {
  if (type.kind !== 'scalar') return null
  return type.name === 'bytes' ? '' : zeroOf(type.name)
}

function emptyCollection({ type, gate }: Field, given: unknown): unknown {
  if (typeof given !== 'object' || given === null || gate) return undefined
  return type.kind === 'list' ? [] : type.kind === 'map' ? {} : undefined
}

/** What is printed for a field that has nothing. */
function emptyOf(field: Field): unknown {
  if (field.pointer || field.type.kind === 'list' || field.type.kind === 'map') return null
  if (field.type.kind === 'struct') return structOf(field.type.shape, {}, { hasUnknown: false, keepsEmpty: false, takesOver: false })
  return zeroOf(field.type.name)
}

function isEmpty(value: Plain): boolean {
  for (const _ in value) return false
  return true
}
