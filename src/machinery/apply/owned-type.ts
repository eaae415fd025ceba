// What a part of an object is to its managers: owned as a whole, or member by member. Found once for each type.
// Upstream: structured-merge-diff schema, as apimachinery/pkg/util/managedfields makes it from the OpenAPI documents
import type { Field, FieldType, ScalarName, Shape } from '../shape/shape.js'

/** All but structs have one layout, so that asking for the kind of any is one load. */
export type OwnedType = OwnedLeaf | OwnedStruct | OwnedMap | OwnedList | OwnedSet

export interface OwnedLeaf {
  readonly kind: 'leaf'
}

export interface OwnedMap {
  readonly kind: 'map'
  readonly of: OwnedType
}

export interface OwnedSet {
  readonly kind: 'set'
}

export interface OwnedStruct {
  readonly kind: 'struct'
  /** Sorted by name, which is the order of managed fields. */
  readonly fields: readonly OwnedField[]
  readonly field: ReadonlyMap<string, OwnedField>
}

export interface OwnedField {
  /** `f:replicas` */
  readonly key: string
  readonly name: string
  /** Its place among the fields. */
  readonly order: number
  readonly type: OwnedType
  /** An empty list or map here says no more than its absence. */
  readonly dropsEmpty: boolean
}

export interface OwnedList {
  readonly kind: 'list'
  readonly of: OwnedType
  /** Sorted by name. */
  readonly keys: readonly ListKey[]
}

export interface ListKey {
  readonly name: string
  /** What an element that leaves the key out is taken to say. */
  readonly default?: unknown
}

interface Layout {
  kind: Exclude<OwnedType['kind'], 'struct'>
  of: OwnedType | undefined
  keys: readonly ListKey[] | undefined
}

const laidOut = (kind: Layout['kind'], of?: OwnedType, keys?: readonly ListKey[]) => ({ kind, of, keys }) satisfies Layout as OwnedType

export const leafType = laidOut('leaf')
const setType = laidOut('set')
const structs = new WeakMap<Shape, OwnedStruct>()

/** The fields of a shape, those of its type meta too. */
export function ownedStruct(shape: Shape): OwnedStruct {
  const known = structs.get(shape)
  if (known) return known
  const struct = new LazyStruct(shape)
  structs.set(shape, struct)
  return struct
}

/** Types contain themselves, so fields are looked at when they are asked for. */
class LazyStruct implements OwnedStruct {
  readonly kind = 'struct'
  readonly #shape: Shape
  #fields: readonly OwnedField[] | undefined
  #field: ReadonlyMap<string, OwnedField> | undefined

  constructor(shape: Shape) {
    this.#shape = shape
  }

  get fields(): readonly OwnedField[] {
    this.#fields ??= this.#ownedFields()
    return this.#fields
  }

  get field(): ReadonlyMap<string, OwnedField> {
    this.#field ??= new Map(this.fields.map((field) => [field.name, field]))
    return this.#field
  }

  #ownedFields(): OwnedField[] {
    const { hasTypeMeta, field: known, fields } = this.#shape
    const meta = hasTypeMeta ? typeMeta.filter(({ name }) => !known.has(name)) : []
    return [...meta, ...fields.map(ownedField)].sort((one, other) => (one.name < other.name ? -1 : 1)).map((field, order) => ({ ...field, order }))
  }
}

const typeMeta: readonly OwnedField[] = ['apiVersion', 'kind'].map((name) => ({ key: `f:${name}`, name, order: 0, type: leafType, dropsEmpty: false }))

function ownedField(field: Field): OwnedField {
  const isCollection = field.type.kind === 'list' || field.type.kind === 'map'
  return { key: `f:${field.name}`, name: field.name, order: 0, type: ownedType(field.type, field), dropsEmpty: isCollection && !field.printed }
}

function ownedType(type: FieldType, field?: Field): OwnedType {
  if (type.kind === 'scalar') return leafType
  if (type.kind === 'list') return ownedList(type.of, field)
  if (field?.mapType === 'atomic') return leafType
  if (type.kind === 'map') return laidOut('map', ownedType(type.of))
  return type.shape.isAtomic && field?.mapType !== 'granular' ? leafType : ownedStruct(type.shape)
}

function ownedList(of: FieldType, field?: Field): OwnedType {
  if (field?.listType === 'set') return setType
  if (field?.listType !== 'map' || of.kind !== 'struct') return leafType
  return laidOut('list', ownedType(of), listKeysOf(field))
}

const listKeys = new WeakMap<Field, readonly ListKey[]>()

/** The key fields of a list that is owned by key. */
export function listKeysOf(field: Field): readonly ListKey[] {
  let keys = listKeys.get(field)
  if (!keys) {
    const elements = field.type.kind === 'list' && field.type.of.kind === 'struct' ? field.type.of.shape.field : undefined
    keys = [...(field.listKeys ?? [])].sort().map((name) => listKey(name, elements?.get(name)))
    listKeys.set(field, keys)
  }
  return keys
}

function listKey(name: string, field: Field | undefined): ListKey {
  if (field?.default !== undefined) return { name, default: field.default }
  // OpenAPI gives fields that are always printed the zero value of their type as default.
  const isImplied = field?.printed && !field.pointer && field.type.kind === 'scalar'
  const zero = isImplied ? zeros[(field.type as { name: ScalarName }).name] : undefined
  return zero === undefined ? { name } : { name, default: zero }
}

const zeros: Partial<Record<ScalarName, unknown>> = { string: '', int32: 0, int64: 0, double: 0, bool: false }
