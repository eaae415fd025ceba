// Objects of any shape, made by chance: every field may be there, with the values that are hard to carry over.
import { canonicalize, type Field, type FieldType, type Plain, type ScalarName, type SchemaUnion, type Shape, setMember } from '../../src/machinery/index.js'
import { builtInResources, schema } from '../../src/resources/index.js'
import { type Chance, chanceOf } from './chance.js'

export interface ServedKind {
  apiVersion: string
  kind: string
  shape: Shape
}

/** Every kind that travels: of resources and their subresources, and what all of them have in common. Lists are made of these. */
export function servedKinds(): ServedKind[] {
  const kinds = new Map<string, ServedKind>()
  const add = (group: string, version: string, kind: string) => {
    const shape = schema.find({ group, version, kind })
    const apiVersion = group ? `${group}/${version}` : version
    if (shape && !shape.isJSONOnly) kinds.set(`${apiVersion} ${kind}`, { apiVersion, kind, shape })
  }
  for (const { group, version, kind, subresources = [] } of builtInResources) {
    add(group, version, kind)
    for (const each of subresources) add(each.group, each.version, each.kind)
  }
  for (const kind of ['DeleteOptions', 'PartialObjectMetadata', 'PartialObjectMetadataList', 'Status']) add('meta.k8s.io', 'v1', kind)
  return [...kinds.values()]
}

/** Objects in canonical form, the same ones each time. A thousand of a kind have every field its types have, but for a few in the deepest corners. */
export function* chanceObjects({ apiVersion, kind, shape }: ServedKind, count: number): Generator<Plain> {
  const making: Making = { next: chanceOf(1), turns: new Map(), left: 0, depth: 0 }
  for (let index = 0; index < count; index++) {
    making.left = fieldsMax
    yield canonicalOf(shape, { ...structOf(shape, making), apiVersion, kind })
  }
}

// Small enough that a thousand are made in a moment.
const fieldsMax = 100
const depthMax = 12

interface Making {
  next: Chance
  /** With which field an object of a type begins: each has its turn. */
  turns: Map<Shape, number>
  /** Fields that one object may still have. */
  left: number
  depth: number
}

function structOf(shape: Shape, making: Making): Plain {
  const { next, turns } = making
  const object: Plain = {}
  const fields = shape.fields.filter(({ number, embeddedIn, gate }) => (number ?? embeddedIn?.number) !== undefined && !gate)
  const first = turns.get(shape) ?? 0
  turns.set(shape, first + 1)
  const count = Math.min(fields.length, 1 + next(6))
  for (let index = 0; index < count && making.left > 0 && making.depth < depthMax; index++) {
    const field = fields[(first + index * (1 + next(3))) % fields.length]
    making.left--
    making.depth++
    object[field.name] = valueOfType(field.type, shape, making, field)
    making.depth--
  }
  return object
}

function valueOfType(type: FieldType, shape: Shape, making: Making, field?: Field): unknown {
  const { next } = making
  switch (type.kind) {
    case 'scalar':
      return type.union ? unionOf(type.union, shape, making) : scalarOf(type.name, next, field)
    case 'struct':
      return structOf(type.shape, making)
    case 'list':
      return Array.from({ length: next(3) }, () => valueOfType(type.of, shape, making))
    case 'map': {
      const map: Plain = {}
      for (let count = next(3); count > 0; count--) setMember(map, oneOf(keys, next), valueOfType(type.of, shape, making))
      return map
    }
  }
}

function unionOf(union: SchemaUnion, shape: Shape, making: Making): unknown {
  const { next } = making
  const schemaOf = () => canonicalOf(shape, structOf(shape, making))
  if (making.left <= 0 || next(2)) return union === 'JSONSchemaPropsOrBool' ? next(2) === 1 : schemaOf()
  if (union === 'JSONSchemaPropsOrBool') return schemaOf()
  return union === 'JSONSchemaPropsOrArray' ? [schemaOf(), schemaOf()] : [oneOf(texts, next), 'b']
}

function canonicalOf(shape: Shape, value: Plain): Plain {
  const result = canonicalize(shape, value)
  if ('message' in result) throw new Error(result.message)
  return result.object
}

const oneOf = <Value>(values: readonly Value[], next: Chance): Value => values[next(values.length)]

const keys = ['a', 'app.kubernetes.io/name', 'ключ', '', '🚀', 'z'.repeat(130), 'constructor', 'cpu', 'memory']
const texts = ['', 'a', 'web-1', 'with <html> & "quotes" \\', 'три', '🚀 and more', 'x'.repeat(200), 'é'.repeat(70), 'line\nbreak\u2028', '10%', '0']
const integers32 = [0, 1, -1, 80, 127, 128, 16_383, 16_384, 2 ** 31 - 1, -(2 ** 31)]
const integers64 = [...integers32, 2 ** 31, 2 ** 32 + 1, -(2 ** 40), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]
const doubles = [0, 1, -1.5, 0.1, 1e300, 5e-324, 2 ** 53]
const quantities = ['0', '1', '500m', '10Gi', '1e3', '100k', '-5', '123456789', '1536Mi', '250u', '3n']
const times = ['2026-01-02T03:04:05Z', '1970-01-01T00:00:00Z', '0001-01-01T00:00:01Z', '9999-12-31T23:59:59Z', '1969-12-31T23:59:59Z']
const anyJSON = [{}, { a: null, b: [1.5, 'x', { c: true }] }, { 'f:metadata': { 'f:labels': { '.': {}, 'f:a': {} } } }, { text: '<&> три 🚀' }]

function scalarOf(name: ScalarName, next: Chance, field?: Field): unknown {
  switch (name) {
    case 'string':
      return field?.enum && next(2) ? oneOf(field.enum, next) : oneOf(texts, next)
    case 'bool':
      return next(2) === 1
    case 'int32':
      return oneOf(integers32, next)
    case 'int64':
      return oneOf(integers64, next)
    case 'double':
      return oneOf(doubles, next)
    case 'bytes':
      return Buffer.alloc(next(40), next(256)).toString('base64')
    case 'Quantity':
      return oneOf(quantities, next)
    case 'IntOrString':
      return oneOf<unknown>([...integers32, ...texts], next)
    case 'Time':
      return oneOf(times, next)
    case 'MicroTime':
      return oneOf(times, next).replace('Z', oneOf(['.000000Z', '.000001Z', '.654321Z'], next))
    case 'Duration':
      return oneOf(['0s', '1h0m0s', '1.5s', '1ms'], next)
    case 'RawExtension':
    case 'FieldsV1':
    case 'JSON':
    case 'any':
      return oneOf(anyJSON, next)
  }
}
