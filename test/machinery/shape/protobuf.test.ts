// The protobuf codec: against real answers, against what the real API sends byte for byte, against a codec of somebody else
// fed with the same table, and against bytes that nobody should send.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import protobufjs from 'protobufjs'
import { describe, expect, it } from 'vitest'
import { canonicalize, decodeObject, deepCopy, encodeObject, encodeWatchFrame, type FieldType, type Plain, type Shape } from '../../../src/machinery/index.js'
import { schema } from '../../../src/resources/index.js'
import { readSamples } from '../../support/samples.js'

function shapeOf(apiVersion: string, kind: string): Shape | undefined {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
  return schema.find({ group, version, kind }) ?? (kind === 'Status' ? schema.shape('meta/v1.Status') : undefined)
}

function requireShape({ apiVersion, kind }: Plain): Shape {
  const shape = shapeOf(apiVersion, kind)
  if (!shape) throw new Error(`no shape of ${apiVersion} ${kind}`)
  return shape
}

function canonical(object: Plain): Plain {
  const result = canonicalize(requireShape(object), object)
  if ('message' in result) throw new Error(result.message)
  return result.object
}

const expected = { apiVersion: 'v1', kind: 'ConfigMap' }
const decode = (bytes: Uint8Array) => decodeObject(bytes, expected, shapeOf)
const encode = (object: Plain) => Buffer.from(encodeObject(requireShape(object), object))

function decoded(bytes: Uint8Array): Plain {
  const result = decode(bytes)
  if ('error' in result) throw new Error(result.error)
  return canonical(result.object)
}

/** Real answers with real values where they have placeholders. Kind and version of claims inside StatefulSets are no part of protobuf. */
const objects = readSamples().map(({ answer }) => {
  const text = JSON.stringify(answer).replaceAll('"<now>"', '"2026-01-02T03:04:05Z"').replaceAll('"<port>"', '30000')
  const object = canonical(JSON.parse(text))
  for (const claim of object.spec?.volumeClaimTemplates ?? []) {
    delete claim.kind
    delete claim.apiVersion
  }
  return object
})

describe('an object in protobuf', () => {
  it.each(objects.map((object) => [object.kind, object.metadata.name ?? '', object] as const))(
    'says all that the JSON of %s %s says',
    (_kind, _name, object) => {
      expect(JSON.stringify(decoded(encode(object)))).toBe(JSON.stringify(object))
    },
  )

  it('is written as the real API writes it', () => {
    const configMap = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' }, data: { b: '2', a: '' } }
    const meta = '0a0161 1200 1a00 2200 2a00 3200 3800 4200'
    const message = `0a${hexLength(meta)}${meta} 12050a01611200 12060a0162120132`
    expect(encode(configMap).toString('hex')).toBe(plainHex(`6b387300 0a0f 0a027631 1209436f6e6669674d6170 12${hexLength(message)}${message} 1a00 2200`))
  })

  it.each([
    ['an integer', { targetPort: 2 }, '2206 0800 1002 1a00'],
    ['a text', { targetPort: '10%' }, '2209 0801 1000 1a03313025'],
    ['a negative number', { port: -1 }, '18ffffffffffffffffff01'],
  ])('spells %s as the real API does', (_what, port, hex) => {
    const service = { kind: 'Service', apiVersion: 'v1', metadata: {}, spec: { ports: [{ port: 1, ...port }] } }
    expect(encode(service).toString('hex')).toContain(plainHex(hex))
  })

  it('keeps what JSON can hardly say', () => {
    const data = { __proto__: null, constructor: 'c', ключ: 'значение 🚀', long: 'é'.repeat(5000) } as unknown as Plain
    Object.defineProperty(data, '__proto__', { value: 'p', enumerable: true, configurable: true, writable: true })
    const object = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { generation: -(2 ** 40) }, data, binaryData: { x: 'AP8Q' } }
    const back = decoded(encode(object))
    expect(Object.entries(back.data).sort()).toEqual(Object.entries(data).sort())
    expect(back).toMatchObject({ metadata: { generation: -(2 ** 40) }, binaryData: { x: 'AP8Q' } })
  })

  it('has times, schemas and foreign JSON', () => {
    const lease = { kind: 'Lease', apiVersion: 'coordination.k8s.io/v1', metadata: {}, spec: { renewTime: '2026-01-02T03:04:05.654321Z' } }
    expect(decoded(encode(canonical(lease))).spec).toEqual(lease.spec)
    const schemas = {
      properties: { a: { items: [{ type: 'string' }] }, b: { additionalProperties: false }, c: { dependencies: { d: ['e'], f: { type: 'object' } } } },
    }
    const definition = {
      kind: 'CustomResourceDefinition',
      apiVersion: 'apiextensions.k8s.io/v1',
      metadata: {},
      spec: { versions: [{ schema: { openAPIV3Schema: schemas } }] },
    }
    expect(decoded(encode(canonical(definition))).spec.versions[0].schema.openAPIV3Schema).toEqual(schemas)
    const revision = { kind: 'ControllerRevision', apiVersion: 'apps/v1', metadata: {}, data: { any: [1.5, null, { thing: true }] }, revision: 3 }
    expect(decoded(encode(canonical(revision)))).toEqual(revision)
  })

  it('is a frame of a watch with its length before it', () => {
    const object = encode({ kind: 'ConfigMap', apiVersion: 'v1', metadata: {} })
    const frame = Buffer.from(encodeWatchFrame('ADDED', object))
    expect(frame.readUInt32BE(0)).toBe(frame.length - 4)
    expect(frame.subarray(4, 11).toString('hex')).toBe('0a054144444544')
    expect(frame.subarray(-object.length)).toEqual(object)
  })
})

const plainHex = (hex: string) => hex.replaceAll(' ', '')
const hexLength = (hex: string) => (plainHex(hex).length / 2).toString(16).padStart(2, '0')

describe('a second opinion', () => {
  const root = new protobufjs.Root()
  const special: Record<string, [name: string, type: string, id: number, rule?: string][]> = {
    Quantity: [['string', 'string', 1]],
    IntOrString: [
      ['type', 'int64', 1],
      ['intVal', 'int32', 2],
      ['strVal', 'string', 3],
    ],
    Time: [
      ['seconds', 'int64', 1],
      ['nanos', 'int32', 2],
    ],
    MicroTime: [
      ['seconds', 'int64', 1],
      ['nanos', 'int32', 2],
    ],
    RawExtension: [['raw', 'bytes', 1]],
    FieldsV1: [['Raw', 'bytes', 1]],
    JSON: [['raw', 'bytes', 1]],
    StringList: [['items', 'string', 1, 'repeated']],
  }
  for (const [name, fields] of Object.entries(special)) {
    const type = new protobufjs.Type(name)
    for (const [fieldName, fieldType, id, rule] of fields) type.add(new protobufjs.Field(fieldName, id, fieldType, rule))
    root.add(type)
  }
  const nameOf = (shape: Shape) => shape.key.replace(/\W/g, '_')
  const made = new Set<Shape>()

  function typeName(type: FieldType): string {
    if (type.kind === 'struct') return defineType(type.shape)
    if (type.kind === 'list') return type.isWrapped ? 'StringList' : typeName(type.of)
    return type.kind === 'scalar' ? type.name : ''
  }

  function defineType(shape: Shape): string {
    const name = nameOf(shape)
    if (made.has(shape)) return name
    made.add(shape)
    const type = new protobufjs.Type(name)
    root.add(type)
    for (const field of shape.fields) {
      if (field.number === undefined || field.embeddedIn || (field.type.kind === 'scalar' && field.type.union)) continue
      if (field.type.kind === 'map') type.add(new protobufjs.MapField(`_${field.name}`, field.number, 'string', typeName(field.type.of)))
      else
        type.add(
          new protobufjs.Field(
            `_${field.name}`,
            field.number,
            typeName(field.type),
            field.type.kind === 'list' && !field.type.isWrapped ? 'repeated' : undefined,
          ),
        )
    }
    for (const embedded of shape.embedded) if (embedded.number) type.add(new protobufjs.Field(`_${embedded.name}`, embedded.number, defineType(embedded.shape)))
    return name
  }

  /** The bytes of the object's own message. */
  function messageOf(bytes: Buffer): Buffer {
    const reader = new protobufjs.Reader(bytes.subarray(4))
    for (;;) {
      const tag = reader.uint32()
      if (tag >>> 3 === 2) return Buffer.from(reader.bytes())
      reader.skipType(tag & 7)
    }
  }

  it.each(objects.filter(({ kind }) => kind !== 'CustomResourceDefinition').map((object) => [object.kind, object.metadata.name ?? '', object] as const))(
    'reads every byte of %s %s, and what it writes is read',
    (_kind, _name, object) => {
      const type = root.lookupType(defineType(requireShape(object)))
      const bytes = encode(object)
      const message = type.decode(messageOf(bytes))
      const packed = Buffer.from(type.encode(message).finish())
      const envelope = Buffer.concat([
        bytes.subarray(0, 4),
        field(1, Buffer.concat([field(1, Buffer.from(object.apiVersion)), field(2, Buffer.from(object.kind))])),
        field(2, packed),
      ])
      expect(JSON.stringify(decoded(envelope))).toBe(JSON.stringify(object))
    },
  )

  function field(number: number, bytes: Buffer): Buffer {
    return Buffer.from(
      new protobufjs.Writer()
        .uint32(number * 8 + 2)
        .bytes(bytes)
        .finish(),
    )
  }
})

/** A ConfigMap with these bytes for its message. */
function envelopeOf(message: string, kind = 'ConfigMap'): Buffer {
  const meta = Buffer.concat([Buffer.from('0a027631', 'hex'), Buffer.from([0x12, kind.length]), Buffer.from(kind)])
  const body = Buffer.from(plainHex(message), 'hex')
  return Buffer.concat([Buffer.from('6b3873000a', 'hex'), Buffer.from([meta.length]), meta, Buffer.from([0x12]), varint(body.length), body])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80)
  return Buffer.from([...bytes, rest])
}

describe('bytes that are odd but right', () => {
  it.each([
    ['no message at all', '', {}],
    ['an unknown field of every wire type', 'f80601 fa060161 f9060000000000000000 fd0600000000 fb06fc06', {}],
    ['an unknown group with fields in it', 'fb06 0a0161 fb06fc06 fc06 2000', { immutable: false }],
    ['a message in two pieces', '0a030a0161 0a032a0162', { metadata: { name: 'a', uid: 'b' } }],
    ['the last value of a field that comes twice', '0a060a01610a0162', { metadata: { name: 'b' } }],
    ['an entry without a value', '12030a0161', { data: { a: '' } }],
    ['an entry with its value first', '12061201620a0161', { data: { a: 'b' } }],
    ['an entry without a key', '12031201 62', { data: { '': 'b' } }],
  ])('are read: %s', (_what, message, object) => {
    const result = decode(envelopeOf(message))
    expect('object' in result && canonical(result.object)).toEqual(canonical({ kind: 'ConfigMap', apiVersion: 'v1', ...object }))
  })

  it('are read: numbers packed into one block', () => {
    const runAs = Buffer.from(plainHex('1208 720622 04 01ff0102'), 'hex').toString('hex')
    expect(decoded(envelopeOf(runAs, 'Pod')).spec.securityContext.supplementalGroups).toEqual([1, 255, 2])
  })

  it('are read: a kind that the envelope does not name', () => {
    const result = decodeObject(Buffer.from('6b387300' + '1202' + '2000', 'hex'), expected, shapeOf)
    expect(result).toEqual({ object: { ...expected, immutable: false } })
  })

  it('are read: a kind that nobody knows is its kind and nothing else', () => {
    expect(decode(envelopeOf('0a0101', 'Nonsense'))).toEqual({ object: { apiVersion: 'v1', kind: 'Nonsense' } })
  })
})

describe('bytes that are wrong', () => {
  const of = { apiVersion: 'v1', kind: 'ConfigMap' }

  it.each([
    ['nothing', '', { error: 'empty data' }],
    ['no prefix', '6a756e6b', { error: 'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]' }],
    ['only the prefix', '6b387300', { error: 'empty body' }],
    ['an envelope that is cut off', '6b3873000a0f0a', { error: 'unexpected EOF' }],
    ['an envelope that claims two gigabytes', '6b38730012ffffffff07', { error: 'unexpected EOF' }],
  ])('are refused: %s', (_what, hex, result) => {
    expect(decode(Buffer.from(hex, 'hex'))).toEqual(result)
  })

  it.each([
    ['a message that is cut off', '0a050a0161', 'unexpected EOF'],
    ['a length beyond the message around it', '0a020a0561', 'unexpected EOF'],
    ['a length of four gigabytes', '0affffffff0f', 'proto: negative length found during unmarshaling'],
    ['a number without an end', '20ffffffffffffffffffff01', 'proto: integer overflow'],
    ['a number that is cut off', '20ff', 'unexpected EOF'],
    ['a wire type that does not fit', '0801', 'proto: wrong wireType = 0 for field Metadata'],
    ['a wire type that does not exist', 'ff06', 'proto: illegal wireType 7'],
    ['a field without a number', '0001', 'proto: illegal tag 0 (wire type 0)'],
    ['a group that ends before it begins', 'fc06', 'proto: unexpected end of group'],
    ['a group without an end', 'fb06', 'unexpected EOF'],
  ])('are refused: %s', (_what, message, error) => {
    expect(decode(envelopeOf(message))).toEqual({ error, of })
  })

  it('are refused: a time outside of the calendar', () => {
    expect(decode(envelopeOf('0a0a 4208 08ffffffffffff7f'))).toEqual({ error: 'year outside of range [0,9999]', of })
  })

  it('are refused: foreign JSON that is none, or too deep', () => {
    const json = (text: string) => {
      const raw = Buffer.concat([Buffer.from([0x0a]), varint(text.length), Buffer.from(text)])
      const bytes = envelopeOf(Buffer.concat([Buffer.from([0x12]), varint(raw.length), raw]).toString('hex'), 'ControllerRevision')
      return decodeObject(bytes, expected, (_apiVersion, kind) => shapeOf('apps/v1', kind))
    }
    expect(json('{"a":')).toMatchObject({ error: 'unexpected end of JSON input' })
    expect(json('['.repeat(100_000))).toMatchObject({ error: 'exceeded max depth' })
  })

  it('are refused: messages inside each other without end', () => {
    let message = Buffer.alloc(0)
    for (let level = 0; level < 20_000; level++) message = Buffer.concat([Buffer.from([0xe2, 0x01]), varint(message.length), message])
    const schemaShape = schema.shape('apiextensions/v1.JSONSchemaProps')
    const wrapped = Buffer.concat([Buffer.from('6b38730012', 'hex'), varint(message.length), message])
    expect(decodeObject(wrapped, expected, () => schemaShape)).toMatchObject({ error: 'exceeded max depth' })
  })

  it('cost no more than reading them, whatever is cut off or changed, and nothing is kept of them', () => {
    const pod = objects.filter(({ kind }) => kind === 'Pod').sort((one, other) => JSON.stringify(other).length - JSON.stringify(one).length)[0]
    const bytes = encode(deepCopy(pod))
    let seed = 1
    const next = (below: number) => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
      return seed % below
    }
    const readBroken = (rounds: number) => {
      for (let round = 0; round < rounds; round++) {
        const broken = Buffer.from(bytes.subarray(0, round % 3 === 0 ? next(bytes.length) : bytes.length))
        for (let change = 0; change <= round % 4 && broken.length; change++) broken[next(broken.length)] = next(256)
        const result = decode(broken)
        expect('error' in result || typeof result.object === 'object').toBe(true)
      }
      collectGarbage()
      return process.memoryUsage().heapUsed
    }
    const before = readBroken(3000)
    // Less than a hundredth of what was read.
    expect(readBroken(10_000) - before).toBeLessThan(bytes.length * 100)
  })
})

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}
