// The protobuf of whole documents, read by another decoder and put back into JSON.
import { join } from 'node:path'
import { load } from 'js-yaml'
import { loadSync } from 'protobufjs'
import { describe, expect, it } from 'vitest'
import type { Plain } from '../../../src/machinery/index.js'
import { documentMessage, encodeStepwise, type Message, planDocuments, SwaggerBuilder, swaggerMessage } from '../../../src/machinery/openapi/index.js'
import { describe as describeType } from '../../../src/resources/descriptions/index.js'
import { builtInResources, schema } from '../../../src/resources/index.js'

const sources = { schema, describe: describeType }
const fixtures = join(import.meta.dirname, '..', '..', 'fixtures', 'openapi')

function encode(message: Message, document: Plain): Buffer {
  const steps = encodeStepwise(message, document)
  let step = steps.next()
  while (!step.done) step = steps.next()
  return step.value
}

function decode(version: 'v2' | 'v3', bytes: Buffer): Plain {
  const message = loadSync(join(fixtures, `${version}.proto`)).lookupType(`openapi.${version}.Document`)
  return toJSON(message.toObject(message.decode(bytes))) as Plain
}

/** Members of gnostic that JSON does not have: around the one thing they hold. */
const wrappers = ['itself', 'other', 'parameter', 'response', 'apiKey', 'body', 'query', 'path']

/** Names a decoded value by what it is in JSON: pairs become members, wrappers go, texts of any kind are read. */
function toJSON(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((each) => toJSON(each))
  if (typeof value !== 'object' || value === null) return value
  const given = value as Plain
  const names = Object.keys(given)
  if (names.length === 1 && names[0] === 'yaml') return load(given.yaml)
  if (names.length === 1 && names[0] === 'pairs') return Object.fromEntries(given.pairs.map((pair: Plain) => [pair.name, toJSON(pair.value ?? {})]))
  if (names.length === 1 && names[0] === 'reference') return { $ref: given.reference.ref }
  if (names.length === 1 && wrappers.includes(names[0])) return toJSON(given[names[0]])
  if (key === 'type') return given.value[0]
  if (key === 'default') return Object.values(given)[0]
  if (['items', 'schema', 'additionalProperties'].includes(key) && names.length === 1 && names[0] === 'schema') return toJSON([given.schema].flat()[0])
  const { extensions = [], ref, ...members } = given
  return {
    ...Object.fromEntries(Object.entries(members).map(([name, member]) => [name, toJSON(member, name)])),
    ...(ref ? { $ref: ref } : {}),
    ...Object.fromEntries(extensions.map(({ name, value: { yaml } }: Plain) => [name, load(yaml)])),
  }
}

/** What protobuf has no place for: default values that are objects. Maps without members are not told from nothing. */
function withoutObjectDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutObjectDefaults)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(
    ([key, inner]) => key !== 'default' || typeof inner !== 'object' || 'type' in inner || '$ref' in inner || 'allOf' in inner,
  )
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutObjectDefaults(inner)]))
}

describe('the protobuf of OpenAPI v3', () => {
  it.each(planDocuments(builtInResources).map((plan) => [plan.key, plan] as const))('says of %s what its JSON says', (_key, plan) => {
    const document = plan.make(sources)
    expect(decode('v3', encode(documentMessage, document))).toEqual(withoutObjectDefaults(JSON.parse(JSON.stringify(document))))
  })
})

describe('the protobuf of OpenAPI v2', () => {
  it('says what its JSON says', () => {
    const builder = new SwaggerBuilder()
    for (const plan of planDocuments(builtInResources)) builder.add(plan.make(sources))
    const { security, ...document } = JSON.parse(JSON.stringify(builder.finish())) as Plain
    const { security: decodedSecurity, ...decoded } = decode('v2', encode(swaggerMessage, { ...document, security }))
    expect(decoded).toEqual(document)
    expect(Object.keys(decodedSecurity[0])).toEqual(Object.keys(security[0]))
  })
})
