// Every kind, many objects of each: nothing is lost on the way to protobuf and back, and another decoder that knows
// only the .proto files reads the same values.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import protobufjs from 'protobufjs'
import { describe, expect, it } from 'vitest'
import {
  canonicalize,
  decodeObject,
  encodeList,
  encodeObject,
  type FieldType,
  type Plain,
  type ScalarName,
  type SchemaUnion,
  type Shape,
} from '../../../src/machinery/index.js'
import { builtInResources, schema } from '../../../src/resources/index.js'
import { chanceOf, garbled } from '../../support/chance.js'
import { chanceObjects, servedKinds } from '../../support/chance-objects.js'

// All of them take a quarter of a minute: they are for the runs that decide.
const objectsOfKind = process.env.CI ? 1000 : 200
const kinds = servedKinds().map((served) => [`${served.apiVersion} ${served.kind}`, served] as const)

function decoded(bytes: Uint8Array, shape: Shape): Plain {
  const result = decodeObject(bytes, { apiVersion: '', kind: '' }, () => shape)
  if ('error' in result) throw new Error(result.error)
  const canonical = canonicalize(shape, result.object)
  if ('message' in canonical) throw new Error(canonical.message)
  return canonical.object
}

const folder = join(import.meta.dirname, '..', '..', '..', 'proto')
const root = new protobufjs.Root()
root.resolvePath = (_origin, target) => (target.startsWith('google/') ? target : join(folder, target.replace(`${folder}/`, '')))
root.loadSync(
  (readdirSync(join(folder, 'k8s'), { recursive: true }) as string[]).filter((file) => file.endsWith('.proto')).map((file) => `k8s/${file}`),
  { keepCase: true },
)

describe.each(kinds)('objects of %s', (_name, { apiVersion, kind, shape }) => {
  const type = root.lookupType(`${shape.package.proto}.${shape.name}`)

  it('come back from protobuf as they were, and say the same to others', () => {
    for (const object of chanceObjects({ apiVersion, kind, shape }, objectsOfKind)) {
      const bytes = encodeObject(shape, object)
      const text = JSON.stringify(object)
      // Compared as text first: expectations take longer than all the rest.
      if (JSON.stringify(decoded(bytes, shape)) !== text) expect(decoded(bytes, shape)).toEqual(object)
      const message = asNumbered(type, type.decode(messageIn(bytes)))
      const expected = numbered(shape, object)
      if (!isDeepStrictEqual(message, expected)) expect(message, text).toEqual(expected)
    }
  })
})

it('a list is made of the bytes of its objects', () => {
  for (const { group, version, kind, listKind, shape, apiVersion } of builtInResources) {
    const listShape = listKind && schema.find({ group, version, kind: listKind })
    if (!listShape) continue
    for (const count of [0, 1, 20]) {
      const items = [...chanceObjects({ apiVersion, kind, shape }, count)]
      const list = { kind: listKind, apiVersion, metadata: { resourceVersion: '7', continue: 'x'.repeat(count * 10) } }
      const parts = encodeList(
        listShape,
        list,
        items.map((item) => encodeObject(shape, item)),
      )
      expect(Buffer.concat(parts)).toEqual(encodeObject(listShape, { ...list, items }))
    }
  }
})

describe('bytes that were an object once', () => {
  const next = chanceOf(6)
  // For a hundred of them, on a machine that has other things to do.
  const millisMax = 5000

  /** Cut off, changed, repeated, or with a length that says more than there is. */
  function broken(bytes: Buffer): Buffer {
    const [from, to] = [next(bytes.length), next(bytes.length)]
    switch (next(4)) {
      case 0:
        return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)])
      case 1:
        return Buffer.concat([bytes.subarray(0, from), Buffer.from('ffffffff07', 'hex'), bytes.subarray(from)])
      default:
        return garbled(bytes, next)
    }
  }

  it.each(kinds)('are read or refused as %s, at the price of reading them', (_name, { apiVersion, kind, shape }) => {
    const began = performance.now()
    for (const object of chanceObjects({ apiVersion, kind, shape }, 100)) {
      const bytes = broken(encodeObject(shape, object))
      const result = decodeObject(bytes, { apiVersion, kind }, () => shape)
      if ('object' in result) {
        canonicalize(shape, result.object)
        // Nothing is made on the word of bytes that are not there.
        expect(JSON.stringify(result.object).length).toBeLessThan(40 * bytes.length + 500)
      } else expect(result.error).not.toBe('')
    }
    expect(performance.now() - began).toBeLessThan(millisMax)
  })
})

/** The object's own message in its envelope. */
function messageIn(bytes: Uint8Array): Uint8Array {
  const reader = new protobufjs.Reader(bytes.subarray(4))
  for (;;) {
    const tag = reader.uint32()
    if (tag >>> 3 === 2) return reader.bytes()
    reader.skipType(tag & 7)
  }
}

type Numbered = Record<number, unknown>

/** What another decoder has read, by the numbers of the fields; lists and maps without anything in them are none. */
function asNumbered(type: protobufjs.Type, message: Plain): Numbered {
  const out: Numbered = {}
  for (const field of type.fieldsArray) {
    if (!Object.hasOwn(message, field.name)) continue
    const found = message[field.name]
    const value = (each: unknown) => (field.resolvedType instanceof protobufjs.Type ? asNumbered(field.resolvedType, each as Plain) : plainOf(each))
    if (!field.map && !field.repeated) out[field.id] = value(found)
    else {
      const all = field.map ? Object.entries(found as Plain).map(([key, each]) => [key, value(each)]) : (found as unknown[]).map(value)
      if (all.length) out[field.id] = all
    }
  }
  return out
}

function plainOf(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  return typeof value === 'object' && value !== null ? Number(String(value)) : value
}

/** What should have been read. What is no pointer is always sent, zero or not. */
function numbered(shape: Shape, object: Plain): Numbered {
  const out: Numbered = {}
  for (const { name, number, type, pointer, embeddedIn } of shape.fields) {
    if (number === undefined || embeddedIn) continue
    const given = object[name] ?? (pointer ? undefined : zeroOf(type))
    if (given !== undefined) out[number] = valueOfType(type, given, shape)
  }
  for (const { number, shape: embedded } of shape.embedded) if (number !== undefined) out[number] = numbered(embedded, object)
  return out
}

function zeroOf(type: FieldType): unknown {
  if (type.kind === 'struct') return {}
  if (type.kind !== 'scalar' || type.name === 'bytes' || type.name === 'any') return undefined
  if (type.name === 'bool') return false
  if (['int32', 'int64', 'double', 'IntOrString'].includes(type.name)) return 0
  return type.name === 'Quantity' ? '0' : ''
}

function valueOfType(type: FieldType, value: unknown, shape: Shape): unknown {
  switch (type.kind) {
    case 'scalar':
      return type.union ? unionOf(type.union, value, shape) : scalarOf(type.name, value)
    case 'struct':
      return numbered(type.shape, value as Plain)
    case 'list': {
      const list = ((value ?? []) as unknown[]).map((each) => valueOfType(type.of, each, shape))
      return type.isWrapped ? (list.length ? { 1: list } : {}) : list
    }
    case 'map':
      return Object.entries(value as Plain).map(([key, each]) => [key, valueOfType(type.of, each, shape)])
  }
}

function unionOf(union: SchemaUnion, value: unknown, shape: Shape): Numbered {
  if (typeof value === 'boolean') return { 1: value }
  const schemaOf = (each: unknown) => numbered(shape, each as Plain)
  if (!Array.isArray(value)) return union === 'JSONSchemaPropsOrBool' ? { 1: true, 2: schemaOf(value) } : { 1: schemaOf(value) }
  return { 2: union === 'JSONSchemaPropsOrArray' ? value.map(schemaOf) : value }
}

function scalarOf(name: ScalarName, value: unknown): unknown {
  const isText = typeof value === 'string'
  switch (name) {
    case 'Quantity':
      return { 1: value }
    case 'IntOrString':
      return { 1: isText ? 1 : 0, 2: isText ? 0 : value, 3: isText ? value : '' }
    case 'Time':
    case 'MicroTime':
      return value ? { 1: Math.floor(Date.parse(value as string) / 1000), 2: Number((value as string).slice(20, 26).replace('Z', '') || 0) * 1000 } : {}
    case 'RawExtension':
    case 'FieldsV1':
    case 'JSON':
    case 'any':
      return value === '' ? {} : { 1: Buffer.from(JSON.stringify(value)).toString('base64') }
    default:
      return value
  }
}
