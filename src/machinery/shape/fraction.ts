// Integers written with a point or an exponent: the same number to JSON, and none to a field that wants an integer.
// Upstream: encoding/json/decode.go literalStore
import type { FieldType, Shape } from './shape.js'

const goTypes: Record<string, string> = { int32: 'int32', int64: 'int64', IntOrString: 'int32' }

/** @param path keys and indexes from the root. @returns the decoder's words, or nothing when the field takes it */
export function describeFraction(shape: Shape, path: readonly (string | number)[], text: string): string | undefined {
  let type: FieldType = { kind: 'struct', shape }
  let owner = shape.name
  const names: string[] = []
  for (const step of path) {
    if (type.kind === 'scalar') return undefined
    if (type.kind !== 'struct') {
      type = type.of
      continue
    }
    const field = type.shape.field.get(String(step))
    if (!field) return undefined
    owner = type.shape.name
    names.push(field.name)
    type = field.type
  }
  const goType = type.kind === 'scalar' ? goTypes[type.name] : undefined
  return goType && `json: cannot unmarshal number ${text} into Go struct field ${owner}.${names.join('.')} of type ${goType}`
}
