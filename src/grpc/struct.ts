// JSON in google.protobuf.Struct, and back.
import { isObject, type Plain, StatusError, setMember, status } from '../machinery/index.js'

/** @param object plain JSON. @returns the fields of a Struct */
export function structOf(object: Plain): Plain {
  const fields: Plain = {}
  for (const key of Object.keys(object)) if (object[key] !== undefined) setMember(fields, key, structValueOf(object[key]))
  return { fields }
}

function structValueOf(value: unknown): Plain {
  if (value === null) return { nullValue: 0 }
  switch (typeof value) {
    case 'string':
      return { stringValue: value }
    case 'number':
      return { numberValue: value }
    case 'boolean':
      return { boolValue: value }
    default:
      return Array.isArray(value) ? { listValue: { values: value.map(structValueOf) } } : { structValue: structOf(value as Plain) }
  }
}

/** @throws {StatusError} 400 for a number that JSON does not have */
export function jsonOfStruct(struct: Plain): Plain {
  const object: Plain = {}
  for (const [key, value] of Object.entries((struct.fields ?? {}) as Plain)) setMember(object, key, jsonOf(value ?? {}))
  return object
}

// Of several kinds of value the last one in the order of their numbers counts; a Value without any is null.
function jsonOf(value: Plain): unknown {
  if (isObject(value.listValue)) return ((value.listValue.values ?? []) as Plain[]).map(jsonOf)
  if (isObject(value.structValue)) return jsonOfStruct(value.structValue)
  if (value.boolValue !== undefined) return value.boolValue
  if (value.stringValue !== undefined) return value.stringValue
  if (value.numberValue === undefined) return null
  if (!Number.isFinite(value.numberValue)) throw new StatusError(status.badRequest(`${value.numberValue} is no JSON number`))
  return value.numberValue
}
