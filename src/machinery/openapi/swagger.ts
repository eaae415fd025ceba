// The OpenAPI v2 document: the v3 documents of all group versions in one, in the words of Swagger 2.0.
// Upstream: kube-openapi/pkg/builder, kube-openapi/pkg/builder/parameters.go
// Differs: shared parameters are numbered where upstream hashes them; clients follow the reference and never know the name.
import type { Plain } from '../object.js'
import { bearerToken, documentInfo } from './documents.js'
import { mediaTypes } from './operation.js'
import type { Parameter } from './parameters.js'
import { type JSONSchema, schemaReference, specialSchemasV2 } from './schemas.js'

export class SwaggerBuilder {
  readonly #paths: Record<string, Plain> = {}
  readonly #definitions: Record<string, JSONSchema> = {}
  readonly #parameters = new Map<string, { name: string; parameter: Plain }>()
  readonly #countOf = new Map<string, number>()

  /** Takes over the paths and schemas of a v3 document. */
  add({ paths, components }: Plain): void {
    for (const [path, item] of Object.entries<Plain>(paths)) this.#paths[path] = this.#pathItem(item)
    for (const [name, schema] of Object.entries<JSONSchema>(components.schemas ?? {})) this.#definitions[name] ??= definition(name, schema)
  }

  finish(): Plain {
    const parameters = [...this.#parameters.values()].map(({ name, parameter }): [string, Plain] => [name, parameter])
    return {
      swagger: '2.0',
      info: documentInfo,
      paths: sortedByKey(Object.entries(this.#paths)),
      definitions: sortedByKey(Object.entries(this.#definitions)),
      parameters: sortedByKey(parameters),
      securityDefinitions: { BearerToken: bearerToken },
      security: [{ BearerToken: [] }],
    }
  }

  #pathItem({ parameters, ...operations }: Plain): Plain {
    const item = Object.fromEntries(Object.entries<Plain>(operations).map(([method, operation]) => [method, this.#operation(operation)]))
    return parameters ? { ...item, parameters: this.#references(parameters) } : item
  }

  #operation({ tags, operationId, parameters = [], requestBody, responses, ...extensions }: Plain): Plain {
    const produces = Object.keys(responses[200].content)
    const isDiscovery = !extensions['x-kubernetes-action']
    const consumes = requestBody ? Object.keys(requestBody.content) : isDiscovery ? produces.filter((type) => mediaTypes.includes(type)) : ['*/*']
    const taken = [...(requestBody ? [bodyParameter(requestBody)] : []), ...this.#references(parameters)]
    return {
      ...(consumes.length ? { consumes } : {}),
      produces,
      schemes: ['https'],
      tags,
      operationId,
      ...(taken.length ? { parameters: taken } : {}),
      responses: Object.fromEntries(Object.entries<Plain>(responses).map(([code, response]) => [code, convertResponse(response)])),
      ...extensions,
    }
  }

  #references(parameters: readonly Parameter[]): Plain[] {
    return parameters.map((parameter) => ({ $ref: `#/parameters/${this.#nameOf(parameter)}` }))
  }

  #nameOf({ schema, ...rest }: Parameter): string {
    const parameter: Plain = { ...rest, ...schema }
    const key = JSON.stringify(parameter)
    const known = this.#parameters.get(key)
    if (known) return known.name
    const count = (this.#countOf.get(rest.name) ?? 0) + 1
    this.#countOf.set(rest.name, count)
    const name = `${rest.name}-${count}`
    this.#parameters.set(key, { name, parameter })
    return name
  }
}

function sortedByKey<Value>(entries: [string, Value][]): Record<string, Value> {
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)))
}

function bodyParameter({ content, required }: Plain): Plain {
  return { in: 'body', name: 'body', ...(required ? { required } : {}), schema: convert(schemaOf(content)) }
}

function convertResponse({ description, content }: Plain): Plain {
  return content ? { description, schema: convert(schemaOf(content)) } : { description }
}

/** Of any media type: all have the same. */
const schemaOf = (content: Plain): JSONSchema => Object.values<Plain>(content)[0].schema

function definition(name: string, schema: JSONSchema): JSONSchema {
  return specialSchemasV2[name] ?? convert(schema)
}

/** A v3 schema without what v2 does not know: defaults beside references, and references inside `allOf`. */
function convert({ default: _default, allOf, $ref = allOf?.[0].$ref, items, properties, additionalProperties, ...rest }: JSONSchema): JSONSchema {
  return {
    ...rest,
    ...($ref ? { $ref: `#/definitions/${$ref.slice(schemaReference.length)}` } : {}),
    ...(items ? { items: convert(items) } : {}),
    ...(additionalProperties ? { additionalProperties: convert(additionalProperties) } : {}),
    ...(properties ? { properties: convertAll(properties) } : {}),
  }
}

function convertAll(schemas: Record<string, JSONSchema>): Record<string, JSONSchema> {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, convert(schema)]))
}
