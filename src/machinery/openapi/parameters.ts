// What may stand in the path and the query of a request, as OpenAPI says it. Query parameters are the fields of an options kind.
import type { Plain } from '../object.js'
import type { Field, FieldType, Shape } from '../shape/shape.js'
import type { Describe } from './schemas.js'

export type Parameter = Plain & { name: string; in: 'path' | 'query' }

/** The query parameters that an options kind stands for; structs and times have no place in a query. */
export function queryParameters(shape: Shape, describe: Describe, without: readonly string[] = []): Parameter[] {
  return shape.fields
    .filter(({ name, type }) => !without.includes(name) && parameterType(type) !== undefined)
    .map((field) => parameterOf(field, describe(shape, field)))
}

function parameterOf({ name, type }: Field, description: string | undefined): Parameter {
  return { name, in: 'query', ...(description === undefined ? {} : { description }), schema: { type: parameterType(type), uniqueItems: true } }
}

function parameterType(type: FieldType): 'string' | 'boolean' | 'integer' | undefined {
  if (type.kind === 'list') return parameterType(type.of)
  if (type.kind !== 'scalar') return undefined
  switch (type.name) {
    case 'string':
      return 'string'
    case 'bool':
      return 'boolean'
    case 'int32':
    case 'int64':
      return 'integer'
    default:
      return undefined
  }
}

export const prettyParameter: Parameter = {
  name: 'pretty',
  in: 'query',
  description: 'Anything but false asks for line breaks and indentation in the answer.',
  schema: { type: 'string', uniqueItems: true },
}

const pathDescriptions: Record<string, string> = {
  namespace: 'The namespace that is meant.',
  name: 'The name of the object.',
  path: 'What of the URL goes to the target of the proxy.',
}

/** The names in braces, in order. */
export function pathParameters(path: string): Parameter[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    ...(pathDescriptions[name] ? { description: pathDescriptions[name] } : {}),
    required: true,
    schema: { type: 'string', uniqueItems: true },
  }))
}

/** Sorted by name, then by place. */
export function sorted(parameters: readonly Parameter[]): Parameter[] {
  return [...parameters].sort((one, other) => compare(one.name, other.name) || compare(one.in, other.in))
}

const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0)
