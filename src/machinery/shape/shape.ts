// A Shape is what is known of one API type: its fields in the order they are printed, with the facts that decoding,
// patching, server-side apply, OpenAPI and protobuf need. Built-in shapes come from the table of types; the shape of a
// custom resource is made at run time in the same form.

/** A type that is not a struct, list or map. `Time`, `Quantity` … are the special JSON forms of Kubernetes. */
export type ScalarName =
  | 'string'
  | 'bool'
  | 'int32'
  | 'int64'
  | 'double'
  | 'bytes'
  | 'Quantity'
  | 'IntOrString'
  | 'Time'
  | 'MicroTime'
  | 'Duration'
  | 'RawExtension'
  | 'FieldsV1'
  | 'JSON'
  | 'any'

export type FieldType =
  | { kind: 'scalar'; name: ScalarName /** What protobuf knows of an `any`. */; union?: SchemaUnion }
  | { kind: 'list'; of: FieldType /** Protobuf has a message of its own around the list. */; isWrapped?: true }
  | { kind: 'map'; of: FieldType }
  | { kind: 'struct'; shape: Shape }

/** A JSON schema, or something simpler: in protobuf a message with a field for each. */
export type SchemaUnion = 'JSONSchemaPropsOrArray' | 'JSONSchemaPropsOrBool' | 'JSONSchemaPropsOrStringArray'

/** How server-side apply owns a list: as a whole, by element value, or by the value of key fields. */
export type ListType = 'atomic' | 'set' | 'map'

export interface Field {
  readonly name: string
  /** Where it stands among the fields of its shape. */
  readonly place: number
  readonly type: FieldType
  /** Protobuf field number; absent when the field does not exist in protobuf. */
  readonly number?: number
  /** Name in the .proto file where it differs from the JSON name. */
  readonly protoName?: string
  /** Absent and zero differ: a given `0`, `""`, `false` or `{}` is kept. */
  readonly pointer: boolean
  readonly required: boolean
  /** Printed even when there is nothing: `null`, `""`, `0`, `false`, `"0"` or `{}` by type. */
  readonly printed: boolean
  /** OpenAPI default; what the server fills in is in the table of defaults. */
  readonly default?: unknown
  readonly enum?: readonly string[]
  readonly listType?: ListType
  readonly listKeys?: readonly string[]
  /** The map or struct is owned as a whole. `granular` says explicitly that it is not. */
  readonly mapType?: 'atomic' | 'granular'
  readonly patchStrategy?: string
  readonly patchMergeKey?: string
  /** The feature gate this field waits for, off by default: the field is dropped silently. */
  readonly gate?: string
  /** Set on a field that stands in the JSON of its parent but in a nested message in protobuf (a Go embedded struct). */
  readonly embeddedIn?: EmbeddedField
}

/** The nested message an embedded struct is in protobuf. */
export interface EmbeddedField {
  readonly name: string
  readonly number?: number
  readonly shape: Shape
}

export interface Shape {
  /** `core/v1.Pod`; of a custom kind `<group>/<version>.<Kind>`. */
  readonly key: string
  readonly name: string
  readonly package: ShapePackage
  /** All JSON fields in print order, embedded structs spread. */
  readonly fields: readonly Field[]
  readonly field: ReadonlyMap<string, Field>
  /** Places of the fields that are always printed, in order. */
  readonly printed: readonly number[]
  /** Embedded structs in order, for protobuf and for nothing else. */
  readonly embedded: readonly EmbeddedField[]
  /** A kind of its own group and version. */
  readonly isKind: boolean
  /** `kind` and `apiVersion` stand before the fields in JSON. */
  readonly hasTypeMeta: boolean
  readonly isAtomic: boolean
  /** In the OpenAPI documents. */
  readonly isPublished: boolean
  readonly isJSONOnly: boolean
  /** Group versions it is known under, where they are more than its own (`DeleteOptions`, `WatchEvent`). */
  readonly groupVersions?: readonly string[]
  readonly unions?: unknown
}

export interface ShapePackage {
  /** `core/v1` */
  readonly alias: string
  readonly group: string
  readonly version: string
  /** Protobuf package. */
  readonly proto: string
  /** Prefix of OpenAPI schema names. */
  readonly openapi: string
}

/** All shapes of one table. Types are parsed when first asked for: most are never needed by one process. */
export class Schema {
  readonly packages: ReadonlyMap<string, ShapePackage>
  readonly #source = new Map<string, { head: string; lines: string[]; package: ShapePackage }>()
  readonly #shapes = new Map<string, Shape>()
  readonly #base: Schema | undefined

  /**
   * @param table the text of `schema/types.txt`, whose head explains its words
   * @param base knows the types that the table names and does not have
   */
  constructor(table: string, base?: Schema) {
    this.#base = base
    const packages = new Map<string, ShapePackage>()
    let current: ShapePackage | undefined
    let lines: string[] = []
    for (const line of table.split('\n')) {
      if (line.startsWith('  ')) lines.push(line)
      else if (line.startsWith('package ')) {
        current = parsePackage(line)
        packages.set(current.alias, current)
      } else if (line.startsWith('type ') && current) {
        lines = []
        const name = line.split(' ', 2)[1]
        this.#source.set(`${current.alias}.${name}`, { head: line, lines, package: current })
      }
    }
    this.packages = packages
  }

  /** Keys of all types in table order, `core/v1.Pod`. */
  keys(): string[] {
    return [...this.#source.keys()]
  }

  has(key: string): boolean {
    return this.#source.has(key)
  }

  /** @throws when the table has no such type, which is a mistake of the program */
  shape(key: string): Shape {
    const known = this.#shapes.get(key)
    if (known) return known
    const source = this.#source.get(key)
    if (!source && this.#base?.has(key)) return this.#base.shape(key)
    if (!source) throw new Error(`the table of types has no ${key}`)
    const shape = parseHead(key, source.head, source.package)
    this.#shapes.set(key, shape)
    // Set before the fields are parsed: types may contain themselves.
    this.#fill(shape, source.lines)
    return shape
  }

  /** The shape of a kind, e.g. `('apps', 'v1', 'Deployment')`. */
  find(groupVersionKind: { group: string; version: string; kind: string }): Shape | undefined {
    const { group, version, kind } = groupVersionKind
    for (const candidate of this.packages.values()) {
      const key = `${candidate.alias}.${kind}`
      if (candidate.group === group && candidate.version === version && this.has(key)) return this.shape(key)
    }
    return undefined
  }

  #fill(shape: Shape, lines: string[]): void {
    const fields = shape.fields as Field[]
    const embedded = shape.embedded as EmbeddedField[]
    for (const line of lines) {
      const [name, type, number, ...words] = line.trim().split(' ')
      const fieldNumber = number === '-' ? undefined : Number(number)
      if (name.startsWith('...')) {
        const inner = { name: name.slice(3), number: fieldNumber, shape: this.shape(type) }
        embedded.push(inner)
        for (const field of inner.shape.fields) fields.push({ ...field, place: fields.length, embeddedIn: field.embeddedIn ?? inner })
      } else fields.push(parseField({ name, place: fields.length, type: this.#type(type), number: fieldNumber, words }))
    }
    for (const field of fields) {
      ;(shape.field as Map<string, Field>).set(field.name, field)
      if (field.printed) (shape.printed as number[]).push(field.place)
    }
  }

  #type(text: string): FieldType {
    if (text.startsWith('[]')) return fieldType({ kind: 'list', of: this.#type(text.slice(2)) })
    if (text.startsWith('map[string]')) return fieldType({ kind: 'map', of: this.#type(text.slice(11)) })
    // A named list of strings; protobuf wraps it in a message of its own, JSON does not.
    if (text === 'StringList') return fieldType({ kind: 'list', of: fieldType({ kind: 'scalar', name: 'string' }), isWrapped: true })
    if (text.startsWith(unionPrefix)) return fieldType({ kind: 'scalar', name: 'any', union: text.slice(schemaPackage.length) as SchemaUnion })
    if (!text.includes('.')) return fieldType({ kind: 'scalar', name: text as ScalarName })
    return fieldType({ kind: 'struct', find: () => this.shape(text) })
  }
}

/** What every walk over types and values asks, again and again: fields and types have one layout each, so that the answer is one load. */
class TypeOfField {
  readonly kind: FieldType['kind']
  readonly name: ScalarName | undefined
  readonly of: FieldType | undefined
  readonly union: SchemaUnion | undefined
  readonly isWrapped: true | undefined
  #shape: Shape | undefined
  readonly #find: (() => Shape) | undefined

  constructor({ kind, name, of, union, isWrapped, find }: TypeFacts) {
    this.kind = kind
    this.name = name
    this.of = of
    this.union = union
    this.isWrapped = isWrapped
    this.#find = find
  }

  /** Types are parsed when first asked for. */
  get shape(): Shape | undefined {
    this.#shape ??= this.#find?.()
    return this.#shape
  }
}

interface TypeFacts {
  kind: FieldType['kind']
  name?: ScalarName
  of?: FieldType
  union?: SchemaUnion
  isWrapped?: true
  find?(): Shape
}

const fieldType = (facts: TypeFacts) => new TypeOfField(facts) as FieldType

// Either a schema or something simpler: JSON keeps whatever was given.
const schemaPackage = 'apiextensions/v1.'
const unionPrefix = `${schemaPackage}JSONSchemaPropsOr`

function parsePackage(line: string): ShapePackage {
  const words = Object.fromEntries(
    line
      .split(' ')
      .slice(2)
      .map((word) => word.split('=')),
  )
  const blank = (text: string) => (text === '-' ? '' : text)
  return { alias: line.split(' ')[1], group: blank(words.group), version: blank(words.version), proto: blank(words.proto), openapi: words.openapi }
}

function parseHead(key: string, head: string, inPackage: ShapePackage): Shape {
  const [, name, ...words] = head.split(' ')
  const groupVersions = words
    .find((word) => word.startsWith('gvk='))
    ?.slice(4)
    .split('|')
  const unions = words.find((word) => word.startsWith('unions='))?.slice(7)
  return {
    key,
    name,
    package: inPackage,
    fields: [],
    field: new Map(),
    printed: [],
    embedded: [],
    isKind: words.includes('kind'),
    hasTypeMeta: words.includes('typeMeta'),
    isAtomic: words.includes('atomic'),
    isPublished: !words.includes('unpublished'),
    isJSONOnly: words.includes('jsonOnly'),
    groupVersions,
    unions: unions && JSON.parse(unions),
  }
}

function parseField(parts: { name: string; place: number; type: FieldType; number: number | undefined; words: string[] }): Field {
  const { name, place, type, number, words } = parts
  const word = (prefix: string) => words.find((each) => each.startsWith(prefix))?.slice(prefix.length)
  const [, listType, listKeys] = word('list=')?.match(/^(\w+)(?:\((.*)\))?$/) ?? []
  const [, patchStrategy, patchMergeKey] = word('patch=')?.match(/^([\w,]+)(?:\((.*)\))?$/) ?? []
  const given = word('default=')
  return {
    name,
    place,
    type,
    number,
    protoName: word('proto='),
    pointer: words.includes('pointer'),
    required: words.includes('required'),
    printed: words.includes('printed'),
    default: given === undefined ? undefined : JSON.parse(given),
    enum: word('enum=')
      ?.split('|')
      .map((value) => value.replaceAll('_', ' ')),
    listType: listType as ListType | undefined,
    listKeys: listKeys?.split(','),
    mapType: words.includes('atomic') ? 'atomic' : words.includes('granular') ? 'granular' : undefined,
    patchStrategy,
    patchMergeKey,
    gate: word('gate='),
    embeddedIn: undefined,
  }
}
