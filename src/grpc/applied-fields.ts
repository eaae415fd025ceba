// What a typed message says of an object that is to be applied. Fields without presence cannot say "empty", only nothing:
// senders that write them all the same (those of Kubernetes do) do not want to own what they have no opinion about.
import { type Field, type FieldType, isObject, type Plain, type Shape } from '../machinery/index.js'

export function appliedFields(shape: Shape, object: Plain): Plain {
  const kept = Object.entries(object).flatMap(([name, value]) => {
    const field = shape.field.get(name)
    if (!field) return [[name, value]]
    const applied = valueOfField(field, value)
    return applied === undefined ? [] : [[name, applied]]
  })
  return Object.fromEntries(kept)
}

/** @returns `undefined` for what says nothing */
function valueOfField({ type, pointer }: Field, value: unknown): unknown {
  if (value === null || value === undefined) return undefined
  const applied = appliedValue(type, value)
  return pointer || !isEmpty(type, applied) ? applied : undefined
}

function appliedValue(type: FieldType, value: unknown): unknown {
  if (type.kind === 'struct') return isObject(value) ? appliedFields(type.shape, value) : value
  if (type.kind === 'list') return Array.isArray(value) ? value.map((each) => appliedValue(type.of, each)) : value
  if (type.kind === 'map' && isObject(value)) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, appliedValue(type.of, each)]))
  return value
}

function isEmpty(type: FieldType, value: unknown): boolean {
  if (type.kind === 'struct') return isObject(value) && !Object.keys(value).length
  if (type.kind !== 'scalar') return false
  return value === '' || value === 0 || value === false || (type.name === 'Quantity' && value === '0')
}
