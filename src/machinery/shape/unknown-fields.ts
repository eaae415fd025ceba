// What a value has that its shape does not know.
import { isObject } from '../object.js'
import type { FieldType, Shape } from './shape.js'

/** Paths of all keys that the shape does not know, in document order: `spec.ports[0].prot`. */
export function unknownFields(shape: Shape, value: unknown): string[] {
  const found: string[] = []
  collectUnknown({ kind: 'struct', shape }, value, '', found)
  return found
}

// A report longer than this serves nobody.
const unknownFieldsMax = 100

function collectUnknown(type: FieldType, value: unknown, path: string, found: string[]): void {
  if (found.length >= unknownFieldsMax) return
  if (type.kind === 'list' && Array.isArray(value)) {
    value.forEach((each, index) => {
      collectUnknown(type.of, each, `${path}[${index}]`, found)
    })
  } else if (type.kind === 'map' && isObject(value)) {
    for (const key of Object.keys(value)) collectUnknown(type.of, value[key], join(path, key), found)
  } else if (type.kind === 'struct' && isObject(value)) {
    for (const key of Object.keys(value)) {
      const field = type.shape.field.get(key)
      if (field) collectUnknown(field.type, value[key], join(path, key), found)
      else if (!(type.shape.hasTypeMeta && (key === 'kind' || key === 'apiVersion'))) found.push(join(path, key))
    }
  }
}

export const join = (path: string, name: string) => (path ? `${path}.${name}` : name)
