// The JSON schemas of API types, as OpenAPI v3 has them.
// Upstream: kube-openapi/pkg/builder3, kube-openapi/pkg/generators
import type { Plain } from '../object.js'
import type { Field, FieldType, ScalarName, Shape } from '../shape/shape.js'
import { schemaName } from './names.js'

export type JSONSchema = Plain

/** Words for people about a type, or about one of its fields. */
export type Describe = (shape: Shape, field?: Field) => string | undefined

export const schemaReference = '#/components/schemas/'

/** The schemas of one document: what is referred to belongs to it. */
export class Schemas {
  readonly #makers = new Map<string, () => JSONSchema>()
  readonly #describe: Describe

  constructor(describe: Describe) {
    this.#describe = describe
  }

  /** A reference to the schema of a struct. */
  of(shape: Shape): JSONSchema {
    return this.#refer(schemaName(shape), () => structSchema(shape, this, this.#describe))
  }

  /** A reference to the schema of a type with a JSON form of its own. */
  ofSpecial(name: string): JSONSchema {
    return this.#refer(name, () => ({ ...specialSchemas[name] }))
  }

  /** Every schema that was referred to, and those that they refer to, in the order of their names. */
  collect(): Record<string, JSONSchema> {
    const made: [string, JSONSchema][] = []
    // Making one may add others; a Map hands them out too.
    for (const [name, make] of this.#makers) made.push([name, make()])
    return Object.fromEntries(made.sort(([one], [other]) => (one < other ? -1 : 1)))
  }

  #refer(name: string, make: () => JSONSchema): JSONSchema {
    if (!this.#makers.has(name)) this.#makers.set(name, make)
    return { $ref: schemaReference + name }
  }
}

const metaPackage = 'io.k8s.apimachinery.pkg.apis.meta.v1'
const extensionsPackage = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1'

const specialSchemas: Record<string, JSONSchema> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { oneOf: [{ type: 'string' }, { type: 'number' }] },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
  'io.k8s.apimachinery.pkg.runtime.RawExtension': { type: 'object' },
  [`${metaPackage}.Time`]: { type: 'string', format: 'date-time' },
  [`${metaPackage}.MicroTime`]: { type: 'string', format: 'date-time' },
  [`${metaPackage}.Duration`]: { type: 'string' },
  [`${metaPackage}.FieldsV1`]: { type: 'object' },
  [`${extensionsPackage}.JSON`]: {},
  [`${extensionsPackage}.JSONSchemaPropsOrArray`]: {},
  [`${extensionsPackage}.JSONSchemaPropsOrBool`]: {},
  [`${extensionsPackage}.JSONSchemaPropsOrStringArray`]: {},
}

const specialNames: Partial<Record<ScalarName, string>> = {
  Quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
  IntOrString: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  RawExtension: 'io.k8s.apimachinery.pkg.runtime.RawExtension',
  Time: `${metaPackage}.Time`,
  MicroTime: `${metaPackage}.MicroTime`,
  Duration: `${metaPackage}.Duration`,
  FieldsV1: `${metaPackage}.FieldsV1`,
  JSON: `${extensionsPackage}.JSON`,
}

/** Schemas of the names in `specialSchemas` where OpenAPI v2 has no words for what v3 says. */
export const specialSchemasV2: Record<string, JSONSchema> = {
  [specialNames.Quantity as string]: { type: 'string' },
  [specialNames.IntOrString as string]: { type: 'string', format: 'int-or-string' },
}

const plainSchemas: Partial<Record<ScalarName, JSONSchema>> = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  bytes: { type: 'string', format: 'byte' },
}

const zeros: Partial<Record<ScalarName, unknown>> = { string: '', bool: false, int32: 0, int64: 0, double: 0 }

function structSchema(shape: Shape, schemas: Schemas, describe: Describe): JSONSchema {
  const properties: [string, JSONSchema][] = shape.fields.map((field) => [field.name, property(field, schemas, describe(shape, field))])
  if (shape.hasTypeMeta)
    properties.push(...typeMetaNames.filter((name) => !shape.field.has(name)).map((name): [string, JSONSchema] => [name, typeMeta(name, shape, describe)]))
  const required = shape.fields.filter((field) => field.required).map(({ name }) => name)
  const kinds = kindsOf(shape)
  return {
    ...described(describe(shape)),
    type: 'object',
    ...(required.length ? { required } : {}),
    ...(properties.length ? { properties: Object.fromEntries(properties.sort(([one], [other]) => (one < other ? -1 : 1))) } : {}),
    ...(kinds.length ? { 'x-kubernetes-group-version-kind': kinds } : {}),
    ...(shape.isAtomic ? { 'x-kubernetes-map-type': 'atomic' } : {}),
    ...(shape.unions ? { 'x-kubernetes-unions': shape.unions } : {}),
  }
}

const typeMetaNames = ['apiVersion', 'kind']

function typeMeta(name: string, shape: Shape, describe: Describe): JSONSchema {
  const field: Field = { name, place: 0, type: { kind: 'scalar', name: 'string' }, pointer: false, required: false, printed: false }
  return { ...described(describe(shape, field)), type: 'string' }
}

const described = (description: string | undefined) => (description === undefined ? {} : { description })

function kindsOf({ isKind, groupVersions, name, package: { group, version } }: Shape): Plain[] {
  if (isKind) return [{ group, kind: name, version }]
  return (groupVersions ?? []).map((each) => ({ group: each.includes('/') ? each.split('/')[0] : '', kind: name, version: each.split('/').pop() }))
}

function property(field: Field, schemas: Schemas, description: string | undefined): JSONSchema {
  const { type } = field
  const { $ref, ...plain } = schemaOf(type, schemas, field.enum)
  const given = defaultOf(field)
  return {
    ...described(description),
    ...plain,
    ...(given === undefined ? {} : { default: given }),
    ...(field.enum && type.kind === 'scalar' ? { enum: field.enum } : {}),
    ...($ref ? { allOf: [{ $ref }] } : {}),
    ...(field.listKeys ? { 'x-kubernetes-list-map-keys': field.listKeys } : {}),
    ...(field.listType ? { 'x-kubernetes-list-type': field.listType } : {}),
    ...(field.mapType ? { 'x-kubernetes-map-type': field.mapType } : {}),
    ...(field.patchMergeKey ? { 'x-kubernetes-patch-merge-key': field.patchMergeKey } : {}),
    ...(field.patchStrategy ? { 'x-kubernetes-patch-strategy': field.patchStrategy } : {}),
  }
}

/** The default of a field, given or implied by its type. */
function defaultOf({ default: given, pointer, printed, type }: Field): unknown {
  if (given !== undefined || pointer) return given
  if (type.kind === 'struct') return {}
  return type.kind === 'scalar' && printed ? zeros[type.name] : undefined
}

/** @param values what elements may be; a scalar's own are said by its field */
function schemaOf(type: FieldType, schemas: Schemas, values?: readonly string[]): JSONSchema {
  switch (type.kind) {
    case 'list':
      return { type: 'array', items: elementOf(type.of, schemas, values) }
    case 'map':
      return { type: 'object', additionalProperties: elementOf(type.of, schemas, values) }
    case 'struct':
      return schemas.of(type.shape)
    case 'scalar':
      return scalarSchema(type, schemas)
  }
}

function scalarSchema({ name, union }: FieldType & { kind: 'scalar' }, schemas: Schemas): JSONSchema {
  if (union) return schemas.ofSpecial(`${extensionsPackage}.${union}`)
  const special = specialNames[name]
  return special ? schemas.ofSpecial(special) : { ...plainSchemas[name] }
}

function elementOf(type: FieldType, schemas: Schemas, values?: readonly string[]): JSONSchema {
  const schema = schemaOf(type, schemas)
  if (type.kind === 'struct') return { default: {}, allOf: [schema] }
  const zero = type.kind === 'scalar' ? zeros[type.name] : undefined
  return { ...schema, ...(zero === undefined ? {} : { default: zero }), ...(values ? { enum: values } : {}) }
}
