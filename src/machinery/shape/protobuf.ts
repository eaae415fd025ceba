// Objects in protobuf, as typed clients send and ask for them: an envelope that names the kind, around the kind's message.
// Upstream: apimachinery/pkg/runtime/serializer/protobuf/protobuf.go, apimachinery/pkg/runtime/generated.proto
import type { Plain } from '../object.js'
import { readFields } from './protobuf-decoding.js'
import { writeFields } from './protobuf-encoding.js'
import { wireTypes } from './protobuf-message.js'
import { MalformedProtobuf, ProtobufReader } from './protobuf-reader.js'
import { BackwardWriter } from './protobuf-writer.js'
import type { Shape } from './shape.js'

/** `k8s` and a zero byte: what every object begins with. */
const magic = Uint8Array.of(0x6b, 0x38, 0x73, 0x00)

const tag = (number: number) => number * 8 + wireTypes.bytes

/**
 * @param object in canonical form
 * @param sizeHint bytes the answer may have; the size of its JSON is a good one
 */
export function encodeObject(shape: Shape, object: Plain, sizeHint = 1024): Buffer {
  const writer = new BackwardWriter(sizeHint)
  writer.bytes(envelopeEnd)
  const end = writer.length
  writeFields(writer, shape, object)
  writer.block(tag(2), end)
  writeTypeMeta(writer, object)
  writer.bytes(magic)
  return writer.finish()
}

/**
 * A list around objects that are encoded already: what one is in its envelope it is in a list too, tag and length included.
 * @param list without its items; they are the second field of every list
 * @param objects all of one kind, as `encodeObject` made them
 * @returns parts of one message, in order
 */
export function encodeList(shape: Shape, list: Plain, objects: readonly Buffer[]): Buffer[] {
  const start = objects.length ? endOfTypeMeta(objects[0]) : 0
  const writer = new BackwardWriter(256)
  writeFields(writer, shape, list)
  let { length } = writer
  const parts: Buffer[] = [envelopeEnd]
  for (const object of objects) {
    const item = object.subarray(start, object.length - envelopeEnd.length)
    parts.push(item)
    length += item.length
  }
  parts.push(envelopeEnd)
  writer.varint(length)
  writer.varint(tag(2))
  writeTypeMeta(writer, list)
  writer.bytes(magic)
  parts[0] = writer.finish()
  return parts
}

// Content encoding and content type are always sent, and always empty.
const envelopeEnd = Buffer.of(tag(3), 0, tag(4), 0)

function endOfTypeMeta(bytes: Buffer): number {
  const reader = new ProtobufReader(bytes)
  reader.position = magic.length
  reader.tag()
  reader.block()
  return reader.position
}

function writeTypeMeta(writer: BackwardWriter, { apiVersion = '', kind }: Plain): void {
  const mark = writer.length
  writer.textField(tag(2), kind)
  writer.textField(tag(1), apiVersion)
  writer.block(tag(1), mark)
}

/** A message on its own, without an envelope: what gRPC carries. */
export function encodeMessage(shape: Shape, value: Plain, sizeHint = 256): Buffer {
  const writer = new BackwardWriter(sizeHint)
  writeFields(writer, shape, value)
  return writer.finish()
}

/** @returns what was sent, not in canonical form; or what is wrong with the bytes */
export function decodeMessage(shape: Shape, bytes: Uint8Array): { value: Plain } | { error: string } {
  try {
    const value: Plain = {}
    readFields(new ProtobufReader(bytes), shape, value)
    return { value }
  } catch (error) {
    if (error instanceof MalformedProtobuf) return { error: error.message }
    throw error
  }
}

/** One event of a watch: a length, then a bare WatchEvent around a whole encoded object. */
export function encodeWatchFrame(type: string, object: Uint8Array): Buffer {
  const writer = new BackwardWriter(object.length + 32)
  writer.bytes(object)
  writer.block(tag(1), 0)
  writer.block(tag(2), 0)
  writer.textField(tag(1), type)
  const { length } = writer
  writer.bytes(Uint8Array.of(length >>> 24, length >>> 16, length >>> 8, length))
  return writer.finish()
}

/** A decoded object, not in canonical form; or what is wrong, and with which kind when the envelope could be read. */
export type DecodedProtobuf = { object: Plain } | { error: string; of?: { apiVersion: string; kind: string } }

/**
 * @param expected fills what the envelope leaves open
 * @param shapeOf finds no shape for what is not known; then the object is its kind and nothing else
 */
export function decodeObject(
  bytes: Uint8Array,
  expected: { apiVersion: string; kind: string },
  shapeOf: (apiVersion: string, kind: string) => Shape | undefined,
): DecodedProtobuf {
  if (!bytes.length) return { error: 'empty data' }
  if (magic.some((byte, index) => bytes[index] !== byte)) {
    return { error: `provided data does not appear to be a protobuf message, expected prefix [${magic.join(' ')}]` }
  }
  if (bytes.length === magic.length) return { error: 'empty body' }
  let of: { apiVersion: string; kind: string } | undefined
  try {
    const envelope = readEnvelope(bytes.subarray(magic.length))
    of = { kind: envelope.kind || expected.kind, apiVersion: envelope.apiVersion || expected.apiVersion }
    const shape = shapeOf(of.apiVersion, of.kind)
    const object: Plain = { ...of }
    if (shape) readFields(new ProtobufReader(envelope.raw), shape, object)
    return { object }
  } catch (error) {
    if (error instanceof MalformedProtobuf) return { error: error.message, ...(of ? { of } : {}) }
    throw error
  }
}

interface Envelope {
  apiVersion: string
  kind: string
  /** The object's message. */
  raw: Uint8Array
}

function readEnvelope(bytes: Uint8Array): Envelope {
  const envelope: Envelope = { apiVersion: '', kind: '', raw: new Uint8Array() }
  const reader = new ProtobufReader(bytes)
  while (!reader.isAtEnd) {
    const field = reader.tag()
    if (field === tag(1)) reader.inside(() => readTypeMeta(reader, envelope))
    else if (field === tag(2)) envelope.raw = reader.block()
    else reader.skip(field & 7)
  }
  return envelope
}

function readTypeMeta(reader: ProtobufReader, envelope: Envelope): void {
  while (!reader.isAtEnd) {
    const field = reader.tag()
    if (field === tag(1)) envelope.apiVersion = reader.text()
    else if (field === tag(2)) envelope.kind = reader.text()
    else reader.skip(field & 7)
  }
}
