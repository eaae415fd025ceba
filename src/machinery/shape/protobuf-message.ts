// A shape as a protobuf message: its fields by number. JSON spreads an embedded struct, protobuf nests it.
import type { FieldType, ScalarName, Shape } from './shape.js'

export const wireTypes = { varint: 0, fixed64: 1, bytes: 2, groupStart: 3, groupEnd: 4, fixed32: 5 } as const

export function wireTypeOf(name: ScalarName): number {
  if (name === 'bool' || name === 'int32' || name === 'int64') return wireTypes.varint
  return name === 'double' ? wireTypes.fixed64 : wireTypes.bytes
}

export type MessageField =
  | { number: number; name: string; type: FieldType; isPointer: boolean }
  /** Its members stand in the JSON of the parent. */
  | { number: number; name: string; embedded: Shape }

export interface Message {
  shape: Shape
  /** In ascending order of their numbers, which is their order on the wire. */
  fields: readonly MessageField[]
}

export function messageOf(shape: Shape): Message {
  const fields: MessageField[] = []
  for (const { name, number, type, pointer, embeddedIn } of shape.fields) {
    if (number !== undefined && !embeddedIn) fields.push({ number, name, type, isPointer: pointer })
  }
  for (const { name, number, shape: embedded } of shape.embedded) if (number !== undefined) fields.push({ number, name, embedded })
  return { shape, fields: fields.sort((one, other) => one.number - other.number) }
}
