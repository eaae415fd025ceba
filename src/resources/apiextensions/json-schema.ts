// The schemas inside a CustomResourceDefinition. Some of their parts are either a schema or something simpler; the walk over
// shapes leaves those as they were given, so they are brought into print order here.
import { canonicalize, isDecodeError, isObject, type Plain, setMember } from '../../machinery/index.js'
import { schema as types } from '../define-resource.js'

const eitherSchema = ['items', 'additionalProperties', 'additionalItems']
const schemas = ['not']
const schemaLists = ['allOf', 'anyOf', 'oneOf']
const schemaMaps = ['properties', 'patternProperties', 'definitions']
const eitherSchemaMaps = ['dependencies']

/** A copy whose parts are in print order. @param schema itself in canonical form */
export function withOrderedParts(schema: Plain): Plain {
  const copy = { ...schema }
  for (const name of eitherSchema) if (copy[name] !== undefined) copy[name] = ordered(copy[name])
  for (const name of schemas) if (isObject(copy[name])) copy[name] = withOrderedParts(copy[name])
  for (const name of schemaLists) if (Array.isArray(copy[name])) copy[name] = copy[name].map(withOrderedParts)
  for (const name of schemaMaps) if (isObject(copy[name])) copy[name] = withEach(copy[name], withOrderedParts)
  for (const name of eitherSchemaMaps) if (isObject(copy[name])) copy[name] = withEach(copy[name], ordered)
  return copy
}

function withEach<Part>(parts: Plain, change: (part: Part) => unknown): Plain {
  const copy: Plain = {}
  for (const key of Object.keys(parts)) setMember(copy, key, change(parts[key]))
  return copy
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (!isObject(value)) return value
  const canonical = canonicalize(types.shape('apiextensions/v1.JSONSchemaProps'), value)
  if (isDecodeError(canonical)) return value
  return withOrderedParts(canonical.object)
}
