// How the objects of a shape are written in protobuf: worked out once for each shape, then only followed.
// Upstream: the generated.pb.go files (Marshal), which write what is no pointer even when it is zero.
import type { Plain } from '../object.js'
import { nanosecondsOf } from './go-duration.js'
import { type Message, type MessageField, messageOf, wireTypeOf, wireTypes } from './protobuf-message.js'
import { BackwardWriter } from './protobuf-writer.js'
import { zeroOf } from './scalars.js'
import type { FieldType, ScalarName, SchemaUnion, Shape } from './shape.js'

/** Writes one present value with its tag. */
// biome-ignore lint/suspicious/noExplicitAny: the value is known by the shape, not by its static type
type WriteValue = (writer: BackwardWriter, value: any) => void

/** Writes one field of an object, or nothing when it has none. */
type WriteField = (writer: BackwardWriter, object: Plain) => void

const known = new WeakMap<Shape, readonly WriteField[]>()

/** The fields of an object of this shape, last field first. */
export function writeFields(writer: BackwardWriter, shape: Shape, object: Plain): void {
  let fields = known.get(shape)
  if (!fields) {
    fields = encodingOf(messageOf(shape))
    known.set(shape, fields)
  }
  for (const write of fields) write(writer, object)
}

function encodingOf({ fields, shape }: Message): WriteField[] {
  return [...fields].reverse().map((field) => ('embedded' in field ? embeddedWriter(field.number, field.embedded) : fieldWriter(field, shape)))
}

const tagOf = (number: number, wireType: number) => number * 8 + wireType
const textTag = (number: number) => tagOf(number, wireTypes.bytes)
const integerTag = (number: number) => tagOf(number, wireTypes.varint)

function embeddedWriter(number: number, shape: Shape): WriteField {
  const tag = tagOf(number, wireTypes.bytes)
  return (writer, object) => {
    const mark = writer.length
    writeFields(writer, shape, object)
    writer.block(tag, mark)
  }
}

function fieldWriter({ name, number, type, isPointer }: Exclude<MessageField, { embedded: Shape }>, shape: Shape): WriteField {
  const write = valueWriter(type, number, shape)
  const zero = isPointer ? undefined : valueOfAbsent(type)
  // What is written for an absent field is always the same. It is made when it is first needed: types may contain themselves.
  let absent: Uint8Array | undefined
  return (writer, object) => {
    const value = object[name]
    if (value !== undefined && value !== null) write(writer, value)
    else if (zero !== undefined) {
      absent ??= bytesOf(write, zero)
      writer.bytes(absent)
    }
  }
}

function bytesOf(write: WriteValue, value: unknown): Uint8Array {
  const writer = new BackwardWriter(64)
  write(writer, value)
  return writer.finish()
}

const nothing: Plain = {}

/** What is written for a field that is absent; nothing for lists, maps and bytes. */
function valueOfAbsent(type: FieldType): unknown {
  if (type.kind !== 'scalar') return type.kind === 'struct' ? nothing : undefined
  switch (type.name) {
    case 'Time':
    case 'MicroTime':
    case 'Duration':
      return ''
    case 'bytes':
    case 'any':
      return undefined
    default:
      return zeroOf(type.name)
  }
}

function valueWriter(type: FieldType, number: number, shape: Shape): WriteValue {
  switch (type.kind) {
    case 'scalar':
      return type.union ? unionWriter(type.union, number, shape) : scalarWriter(type.name, number)
    case 'struct':
      return structWriter(number, type)
    case 'list': {
      const each = valueWriter(type.of, type.isWrapped ? 1 : number, shape)
      const writeAll: WriteValue = (writer, values) => {
        for (let index = values.length - 1; index >= 0; index--) each(writer, values[index])
      }
      return type.isWrapped ? wrapped(number, writeAll) : writeAll
    }
    case 'map':
      return mapWriter(number, type.of.kind === 'list' ? orEmpty(valueWriter(type.of, 2, shape)) : valueWriter(type.of, 2, shape))
  }
}

/** @param type its shape is asked for only when it is met: types may contain themselves */
function structWriter(number: number, type: { shape: Shape }): WriteValue {
  const tag = textTag(number)
  let shape: Shape | undefined
  return (writer, value) => {
    shape ??= type.shape
    const mark = writer.length
    writeFields(writer, shape, value ?? nothing)
    writer.block(tag, mark)
  }
}

function wrapped(number: number, write: WriteValue): WriteValue {
  const tag = tagOf(number, wireTypes.bytes)
  return (writer, value) => {
    const mark = writer.length
    write(writer, value)
    writer.block(tag, mark)
  }
}

/** A list inside a map may be nothing: then the message around it is empty. */
function orEmpty(write: WriteValue): WriteValue {
  return (writer, list) => (list === null ? writer.block(textTag(2), writer.length) : write(writer, list))
}

/** Entries in the order of their keys, each a message of key and value. */
function mapWriter(number: number, writeValue: WriteValue): WriteValue {
  const tag = tagOf(number, wireTypes.bytes)
  return (writer, map) => {
    const keys = Object.keys(map)
    if (keys.length > 1) keys.sort()
    for (let index = keys.length - 1; index >= 0; index--) {
      const mark = writer.length
      writeValue(writer, map[keys[index]])
      writer.textField(textTag(1), keys[index])
      writer.block(tag, mark)
    }
  }
}

function scalarWriter(name: ScalarName, number: number): WriteValue {
  const tag = tagOf(number, wireTypeOf(name))
  const inBlock = (write: WriteValue) => wrapped(number, write)
  switch (name) {
    case 'string':
      return (writer, text: string) => writer.textField(tag, text)
    case 'bool':
      return (writer, value: boolean) => writer.integerField(tag, value ? 1 : 0)
    case 'int32':
    case 'int64':
      return (writer, value: number) => writer.integerField(tag, value)
    case 'double':
      return (writer, value: number) => {
        writer.double(value)
        writer.varint(tag)
      }
    case 'bytes':
      return inBlock((writer, text: string) => writer.bytes(Buffer.from(text, 'base64')))
    case 'Quantity':
      return inBlock((writer, value: string | number) => writer.textField(textTag(1), String(value)))
    case 'IntOrString':
      return inBlock(writeIntOrString)
    case 'Time':
    case 'MicroTime':
      return inBlock(writeTime)
    case 'Duration':
      return inBlock((writer, text: string) => writer.integerField(integerTag(1), nanosecondsOf(text)))
    case 'RawExtension':
    case 'FieldsV1':
    case 'JSON':
    case 'any':
      return inBlock((writer, value) => {
        if (value !== null && value !== undefined) writer.textField(textTag(1), JSON.stringify(value))
      })
  }
}

const writeIntOrString: WriteValue = (writer, value: number | string) => {
  const isText = typeof value === 'string'
  writer.textField(textTag(3), isText ? value : '')
  writer.integerField(integerTag(2), isText ? 0 : value)
  writer.integerField(integerTag(1), isText ? 1 : 0)
}

/** No time at all is an empty message. */
const writeTime: WriteValue = (writer, text: string | null) => {
  if (!text) return
  // Only a MicroTime has digits after the point: whole seconds are written with none.
  const micros = text.charCodeAt(19) === 0x2e ? Number(text.slice(20, 26)) : 0
  writer.integerField(integerTag(2), micros * 1000)
  writer.integerField(integerTag(1), Math.floor(Date.parse(text) / 1000))
}

/** @param shape that of the JSON schema in which the union stands */
function unionWriter(union: SchemaUnion, number: number, shape: Shape): WriteValue {
  const schema = valueWriter({ kind: 'struct', shape }, union === 'JSONSchemaPropsOrBool' ? 2 : 1, shape)
  if (union === 'JSONSchemaPropsOrBool') {
    return wrapped(number, (writer, value: boolean | Plain) => {
      if (typeof value === 'object') schema(writer, value)
      writer.integerField(integerTag(1), value === false ? 0 : 1)
    })
  }
  const element: FieldType = union === 'JSONSchemaPropsOrArray' ? { kind: 'struct', shape } : { kind: 'scalar', name: 'string' }
  const list = valueWriter({ kind: 'list', of: element }, 2, shape)
  return wrapped(number, (writer, value: unknown) => (Array.isArray(value) ? list : schema)(writer, value))
}
