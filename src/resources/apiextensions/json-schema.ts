// The schemas inside a CustomResourceDefinition. Some of their parts are either a schema or something simpler; the walk over
// shapes leaves those as they were given, so they are brought into print order here.
import { canonicalize, isDecodeError, isObject, type Plain, setMember } from '../../machinery/index.js'
import { schema as types } from '../define-resource.js'

const eitherSchema = ['items', 'additionalProperties', 'additionalItems']
const schemas = ['not']
const schemaLists = ['allOf', 'anyOf', 'oneOf']
const schemaMaps = ['properties', 'patternProperties', 'definitions']
const eitherSchemaMaps = ['dependencies']

/** Brings the parts of a schema into print order, in place. @param schema itself in canonical form */
export function orderParts(schema: Plain): void {
  for (const name of eitherSchema) if (schema[name] !== undefined) schema[name] = ordered(schema[name])
  for (const name of schemas) if (isObject(schema[name])) orderParts(schema[name])
  for (const name of schemaLists) if (Array.isArray(schema[name])) schema[name].forEach(orderParts)
  for (const name of schemaMaps) for (const each of Object.values((schema[name] ?? {}) as Plain)) orderParts(each)
  for (const name of eitherSchemaMaps) {
    const parts = schema[name] as Plain | undefined
    if (parts) for (const key of Object.keys(parts)) setMember(parts, key, ordered(parts[key]))
  }
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (!isObject(value)) return value
  const canonical = canonicalize(types.shape('apiextensions/v1.JSONSchemaProps'), value)
  if (isDecodeError(canonical)) return value
  orderParts(canonical.object)
  return canonical.object
}
