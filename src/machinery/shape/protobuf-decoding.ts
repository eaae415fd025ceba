// How protobuf messages of a shape are read: worked out once for each shape, then only followed. Fields may come in any
// order and messages in pieces; unknown fields are passed over.
// Upstream: the generated.pb.go files (Unmarshal)
import { describeJSONError } from '../json-syntax.js'
import { type Plain, setMember } from '../object.js'
import { recanonicalize } from './canonicalize.js'
import { formatDuration } from './go-duration.js'
import { type MessageField, messageOf, wireTypeOf, wireTypes } from './protobuf-message.js'
import { MalformedProtobuf, type ProtobufReader } from './protobuf-reader.js'
import type { FieldType, ScalarName, SchemaUnion, Shape } from './shape.js'

/** Reads one value; `earlier` is what a message of several pieces has so far. */
type ReadValue = (reader: ProtobufReader, earlier?: unknown) => unknown

interface ValueReading {
  wireType: number
  read: ReadValue
}

/** Reads one field into an object. */
type ReadField = (reader: ProtobufReader, wireType: number, into: Plain) => void

const known = new WeakMap<Shape, readonly (ReadField | undefined)[]>()

/** Reads fields up to the reader's end. The object has zero values wherever the sender wrote them: it is not in canonical form. */
export function readFields(reader: ProtobufReader, shape: Shape, into: Plain): void {
  let fields = known.get(shape)
  if (!fields) {
    fields = decodingOf(shape)
    known.set(shape, fields)
  }
  while (!reader.isAtEnd) {
    const tag = reader.tag()
    const read = fields[tag >>> 3]
    if (read) read(reader, tag & 7, into)
    else reader.skip(tag & 7)
  }
}

function decodingOf(shape: Shape): (ReadField | undefined)[] {
  const byNumber: (ReadField | undefined)[] = []
  for (const field of messageOf(shape).fields) byNumber[field.number] = fieldReader(field, shape)
  return byNumber
}

function fieldReader(field: MessageField, shape: Shape): ReadField {
  const { name } = field
  if ('embedded' in field) {
    return (reader, wireType, into) => {
      requireWireType(wireTypes.bytes, wireType, name)
      reader.inside(() => readFields(reader, field.embedded, into))
    }
  }
  const { type } = field
  if (type.kind === 'list' && !type.isWrapped) return listReader(name, valueReading(type.of, shape))
  const { wireType: expected, read } = valueReading(type, shape)
  return (reader, wireType, into) => {
    requireWireType(expected, wireType, name)
    into[name] = read(reader, into[name])
  }
}

function requireWireType(expected: number, found: number, name: string): void {
  if (found !== expected) throw new MalformedProtobuf(`proto: wrong wireType = ${found} for field ${name.charAt(0).toUpperCase()}${name.slice(1)}`)
}

/** Numbers may come packed into one block. */
function listReader(name: string, { wireType: expected, read }: ValueReading): ReadField {
  return (reader, wireType, into) => {
    const list: unknown[] = into[name] ?? []
    into[name] = list
    if (wireType === wireTypes.bytes && expected !== wireTypes.bytes) {
      reader.inside(() => {
        while (!reader.isAtEnd) list.push(read(reader))
      })
      return
    }
    requireWireType(expected, wireType, name)
    list.push(read(reader))
  }
}

function valueReading(type: FieldType, shape: Shape): ValueReading {
  if (type.kind === 'scalar') return { wireType: wireTypeOf(type.name), read: type.union ? unionReader(type.union, shape) : scalarReader(type.name) }
  const read = type.kind === 'struct' ? structReader(type) : type.kind === 'map' ? mapReader(valueReading(type.of, shape)) : wrappedListReader(type.of, shape)
  return { wireType: wireTypes.bytes, read }
}

/** @param type its shape is asked for only when it is met: types may contain themselves */
function structReader(type: { shape: Shape }): ReadValue {
  let shape: Shape | undefined
  return (reader, earlier) => {
    const found = shape ?? type.shape
    shape = found
    const object = (earlier ?? {}) as Plain
    reader.inside(() => readFields(reader, found, object))
    return object
  }
}

/** Reads the fields of a small message one by one. */
function eachField(reader: ProtobufReader, readers: Record<number, ValueReading>, take: (number: number, value: unknown) => void): void {
  reader.inside(() => {
    while (!reader.isAtEnd) {
      const tag = reader.tag()
      const field = readers[tag >>> 3]
      if (field?.wireType === (tag & 7)) take(tag >>> 3, field.read(reader))
      else reader.skip(tag & 7)
    }
  })
}

/** One entry: key and value may come in any order, and each may be missing. */
function mapReader(value: ValueReading): ReadValue {
  const readers = { 1: text, 2: value }
  return (reader, earlier) => {
    const map = (earlier ?? {}) as Plain
    let key = ''
    let found: unknown = null
    eachField(reader, readers, (number, part) => {
      if (number === 1) key = part as string
      else found = part
    })
    setMember(map, key, found)
    return map
  }
}

function wrappedListReader(of: FieldType, shape: Shape): ReadValue {
  const readers = { 1: valueReading(of, shape) }
  return (reader) => {
    const list: unknown[] = []
    eachField(reader, readers, (_number, value) => list.push(value))
    return list
  }
}

const text: ValueReading = { wireType: wireTypes.bytes, read: (reader) => reader.text() }
const integer: ValueReading = { wireType: wireTypes.varint, read: (reader) => reader.integer() }

function scalarReader(name: ScalarName): ReadValue {
  switch (name) {
    case 'string':
      return text.read
    case 'int32':
    case 'int64':
      return integer.read
    case 'bool':
      return (reader) => reader.integer() !== 0
    case 'double':
      return (reader) => reader.double()
    case 'bytes':
      return (reader) => reader.block().toString('base64')
    case 'Quantity':
      return (reader) => partsOf(reader, { 1: text })[1] || '0'
    case 'IntOrString':
      return (reader) => {
        const { 1: isText, 2: whole = 0, 3: words = '' } = partsOf(reader, { 1: integer, 2: integer, 3: text })
        return isText === 1 ? words : whole
      }
    case 'Time':
      return (reader) => timeOf(partsOf(reader, { 1: integer, 2: integer }), false)
    case 'MicroTime':
      return (reader) => timeOf(partsOf(reader, { 1: integer, 2: integer }), true)
    case 'Duration':
      return (reader) => formatDuration((partsOf(reader, { 1: integer })[1] as number) ?? 0)
    case 'RawExtension':
    case 'FieldsV1':
    case 'JSON':
    case 'any':
      return (reader) => jsonOf(partsOf(reader, { 1: block })[1] as Buffer | undefined)
  }
}

const block: ValueReading = { wireType: wireTypes.bytes, read: (reader) => reader.block() }

function partsOf(reader: ProtobufReader, readers: Record<number, ValueReading>): Record<number, unknown> {
  const parts: Record<number, unknown> = {}
  eachField(reader, readers, (number, value) => {
    parts[number] = value
  })
  return parts
}

// The first moment of the year 1 is Go's time that says nothing.
const zeroTimeSeconds = -62135596800
const lastTimeSeconds = 253402300799

/** A message without anything in it is no time. */
function timeOf(parts: Record<number, unknown>, hasMicros: boolean): string | null {
  if (parts[1] === undefined && parts[2] === undefined) return null
  const { 1: seconds = 0, 2: nanos = 0 } = parts as Record<number, number>
  if (seconds === zeroTimeSeconds) return null
  const carried = Math.floor(nanos / 1e9)
  const whole = seconds + carried
  if (!(whole >= zeroTimeSeconds && whole <= lastTimeSeconds)) throw new MalformedProtobuf('year outside of range [0,9999]')
  const text = new Date(whole * 1000).toISOString().slice(0, 19)
  if (!hasMicros) return `${text}Z`
  const micros = Math.floor((nanos - carried * 1e9) / 1000)
  return `${text}.${String(micros).padStart(6, '0')}Z`
}

/** JSON text inside protobuf is as hostile as any other. */
function jsonOf(bytes: Buffer | undefined): unknown {
  if (!bytes?.length) return null
  const problem = describeJSONError(bytes)
  if (problem) throw new MalformedProtobuf(problem)
  return JSON.parse(bytes.toString('utf8'))
}

/** @param shape that of the JSON schema in which the union stands */
function unionReader(union: SchemaUnion, shape: Shape): ReadValue {
  // What stands in a union stays as it is when the object around it becomes canonical.
  const readSchema = structReader({ shape })
  const schema: ValueReading = { wireType: wireTypes.bytes, read: (reader) => recanonicalize(shape, readSchema(reader) as Plain) }
  if (union === 'JSONSchemaPropsOrBool') {
    return (reader) => {
      const { 1: allows = 0, 2: given } = partsOf(reader, { 1: integer, 2: schema })
      return given ?? allows !== 0
    }
  }
  const element = union === 'JSONSchemaPropsOrArray' ? schema : text
  return (reader) => {
    const list: unknown[] = []
    let single: unknown = null
    eachField(reader, { 1: schema, 2: element }, (number, value) => {
      if (number === 1) single = value
      else list.push(value)
    })
    return list.length ? list : single
  }
}
