// Writes an OpenAPI document in the protobuf form that clients of Kubernetes read: the messages of gnostic, given as tables.
// A message of gnostic has fixed members, and where JSON has a map, a list of (name, value) pairs.
// Upstream: google/gnostic-models jsonschema, compiler
import type { Plain } from '../object.js'
import { BackwardWriter } from '../shape/protobuf-writer.js'

/** What a member is. `yaml` is a value of any kind, written as text. */
export type MemberKind = 'string' | 'boolean' | 'number' | 'yaml' | { list: MemberKind } | { message: () => Message }

export type Member = readonly [number: number, kind: MemberKind]

export interface Message {
  /** Members by their JSON name. */
  readonly members?: Readonly<Record<string, Member>>
  /** All other members, as pairs of name and value. */
  readonly rest?: Member
  /** Members whose name begins with `x-`, as pairs of name and text. */
  readonly extensions?: number
  /** Exactly one member is there, and it is written even when it is empty. */
  readonly isChoice?: boolean
  /** Makes the members from the JSON value, where that has another form. */
  readonly from?: (value: never) => Plain
}

/**
 * Encodes a document in steps of a millisecond or so, for callers with others to serve in between.
 * @param depth how many messages deep the document is taken apart
 */
export function* encodeStepwise(message: Message, value: Plain, depth = 2): Generator<void, Buffer> {
  const parts: Buffer[] = []
  for (const [name, inner] of Object.entries(value)) {
    const [number, kind] = message.members?.[name] ?? []
    if (depth > 0 && number && typeof kind === 'object' && 'message' in kind) {
      const bytes = yield* encodeStepwise(kind.message(), inner, depth - 1)
      parts.push(blockHead(number, bytes.length), bytes)
    } else {
      parts.push(encoded((writer) => writeNamed(writer, message, name, inner)))
      if (parts.length % partsInStep === 0) yield
    }
  }
  return Buffer.concat(parts)
}

const partsInStep = 32

function encoded(write: (writer: BackwardWriter) => void): Buffer {
  const writer = new BackwardWriter(partBytes)
  write(writer)
  return writer.finish()
}

// A path or a schema seldom has more.
const partBytes = 2048

const blockHead = (number: number, length: number) =>
  encoded((writer) => {
    writer.varint(length)
    writer.varint(tagOf(number, wire.bytes))
  })

const wire = { varint: 0, double: 1, bytes: 2 }
const tagOf = (number: number, type: number) => number * 8 + type

// From end to beginning: the last member comes first.
function writeMessage(writer: BackwardWriter, message: Message, value: unknown): void {
  const object = message.from ? message.from(value as never) : (value as Plain)
  const names = Object.keys(object)
  for (let index = names.length - 1; index >= 0; index--) writeNamed(writer, message, names[index], object[names[index]])
}

function writeNamed(writer: BackwardWriter, { members, rest, extensions, isChoice = false }: Message, name: string, value: unknown): void {
  if (members && Object.hasOwn(members, name)) writeMember(writer, members[name], value, isChoice)
  else if (extensions && name.startsWith('x-')) writePair(writer, [extensions, 'yaml'], name, value)
  else if (rest) writePair(writer, rest, name, value)
}

function writePair(writer: BackwardWriter, [number, kind]: Member, name: string, value: unknown): void {
  const mark = writer.length
  writeMember(writer, [2, kind], value, true)
  writeMember(writer, [1, 'string'], name, false)
  writer.block(tagOf(number, wire.bytes), mark)
}

function writeMember(writer: BackwardWriter, [number, kind]: Member, value: unknown, isWrittenEmpty: boolean): void {
  if (value === undefined) return
  if (typeof kind === 'object') {
    if ('list' in kind) for (const each of [...(value as unknown[])].reverse()) writeMember(writer, [number, kind.list], each, true)
    else writeBlock(writer, number, () => writeMessage(writer, kind.message(), value))
  } else if (kind === 'yaml') writeBlock(writer, number, () => writeMember(writer, [2, 'string'], `${JSON.stringify(value)}\n`, true))
  else if (value || isWrittenEmpty) writeScalar(writer, number, kind, value)
}

function writeBlock(writer: BackwardWriter, number: number, write: () => void): void {
  const mark = writer.length
  write()
  writer.block(tagOf(number, wire.bytes), mark)
}

function writeScalar(writer: BackwardWriter, number: number, kind: 'string' | 'boolean' | 'number', value: unknown): void {
  if (kind === 'string') {
    writeBlock(writer, number, () => writer.text(value as string))
  } else if (kind === 'boolean') {
    writer.varint(value ? 1 : 0)
    writer.varint(tagOf(number, wire.varint))
  } else {
    writer.double(value as number)
    writer.varint(tagOf(number, wire.double))
  }
}
