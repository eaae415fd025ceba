// Why a value is not of its shape, in the words of Go's decoder.
import { jsonTypeOf } from '../go-value.js'
import { isObject } from '../object.js'
import { scalarOf } from './scalars.js'
import type { FieldType, ScalarName, Shape } from './shape.js'
import { join } from './unknown-fields.js'

// Go's names of JSON values and of scalar types, as its decoder's errors use them.
const goTypes: Partial<Record<ScalarName, string>> = { string: 'string', bool: 'bool', int32: 'int32', int64: 'int64', double: 'float64', IntOrString: 'int32' }

/** The decoder's words for the first value that is not of its type. */
export function describeMismatch(shape: Shape, value: unknown): string | undefined {
  return mismatchIn({ kind: 'struct', shape }, value, { struct: shape.name, path: '' })
}

interface Place {
  struct: string
  path: string
}

function mismatchIn(type: FieldType, value: unknown, place: Place): string | undefined {
  if (value === null || value === undefined) return undefined
  const cannot = (goType: string, shown = jsonTypeOf(value)) =>
    `json: cannot unmarshal ${shown} into Go struct field ${place.struct}.${place.path} of type ${goType}`
  switch (type.kind) {
    case 'list':
      if (!Array.isArray(value)) return cannot(goTypeOf(type))
      return firstDefined(value, (each) => mismatchIn(type.of, each, place))
    case 'map':
      if (!isObject(value)) return cannot(goTypeOf(type))
      return firstDefined(Object.keys(value), (key) => mismatchIn(type.of, value[key], place))
    case 'struct': {
      if (!isObject(value)) return place.path ? cannot(goTypeOf(type)) : `json: cannot unmarshal ${jsonTypeOf(value)} into Go value of type ${goTypeOf(type)}`
      return firstDefined(type.shape.fields, (field) =>
        mismatchIn(field.type, value[field.name], { struct: type.shape.name, path: join(place.path, field.name) }),
      )
    }
    case 'scalar':
      try {
        scalarOf(type.name, value)
        return undefined
      } catch {
        return scalarMismatch(type.name, value, cannot)
      }
  }
}

function scalarMismatch(name: ScalarName, value: unknown, cannot: (goType: string, shown?: string) => string): string {
  if (name === 'Quantity') return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
  if (name === 'bytes' && typeof value === 'string') return `illegal base64 data at input byte ${Math.max(0, value.search(/[^A-Za-z0-9+/]/))}`
  if (name === 'Time' && typeof value === 'string')
    return `parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(value)} as "2006"`
  if (name === 'MicroTime' && typeof value === 'string') {
    return `parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05.000000Z07:00": cannot parse ${JSON.stringify(value.slice(19))} as ".000000"`
  }
  const goType = goTypes[name] ?? name
  return typeof value === 'number' && goType.startsWith('int') ? cannot(goType, `number ${value}`) : cannot(goType)
}

function goTypeOf(type: FieldType): string {
  if (type.kind === 'list') return `[]${goTypeOf(type.of)}`
  if (type.kind === 'map') return `map[string]${goTypeOf(type.of)}`
  return type.kind === 'struct' ? `${type.shape.package.version}.${type.shape.name}` : (goTypes[type.name] ?? type.name)
}

function firstDefined<Item>(items: readonly Item[], find: (item: Item) => string | undefined): string | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}
