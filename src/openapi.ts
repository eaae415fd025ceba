// The OpenAPI documents of one server: made when first asked for, one at a time, and kept until what is served changes.
// Only server.ts knows this file, and loads it with the first request: most servers are never asked. It takes what the
// server has anyway as values, so that a bundle has nothing but this to put off.
import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { OpenAPIDocument, OpenAPIDocuments, OpenAPIFormat } from './http/openapi-routes.js'
import type { Plain, ResourceDefinition, Schema } from './machinery/index.js'
import {
  type DocumentPlan,
  documentMessage,
  encodeStepwise,
  type OpenAPISources,
  planDocuments,
  SwaggerBuilder,
  swaggerMessage,
} from './machinery/openapi/index.js'
import type { Catalogue } from './registry/index.js'
import { describe } from './resources/descriptions/index.js'

export interface OpenAPIOptions {
  catalogue: Catalogue
  schema: Schema
  /** Milliseconds since the epoch. */
  now(): number
}

export function openAPIDocuments({ catalogue, schema, now }: OpenAPIOptions): OpenAPIDocuments {
  const sources: OpenAPISources = { schema, describe }
  const documents = new Keeper<OpenAPIDocument>()
  const swagger = new Keeper<OpenAPIDocument>()
  const inLine = oneByOne()
  const documentOf = (plan: DocumentPlan) =>
    documents.get(plan.key, plan.definitions, () => inLine(async () => new Document(JSON.stringify(plan.make(sources)), 'v3', now())))
  return {
    async hashes() {
      const plans = planDocuments(catalogue.definitions())
      documents.retain(new Set(plans.map(({ key }) => key)))
      const hashes = new Map<string, string>()
      for (const plan of plans) hashes.set(plan.key, (await documentOf(plan)).hash)
      return hashes
    },
    async document(key) {
      const plan = planDocuments(catalogue.definitions()).find((each) => each.key === key)
      return plan && documentOf(plan)
    },
    swagger() {
      const definitions = catalogue.definitions()
      return swagger.get('', definitions, () => inLine(async () => new Document(JSON.stringify(await makeSwagger(definitions, sources)), 'v2', now())))
    },
  }
}

// Upstream serves it, but tells of it in v3 only.
const notInSwagger = '.well-known/openid-configuration'

async function makeSwagger(definitions: readonly ResourceDefinition[], sources: OpenAPISources): Promise<Plain> {
  const builder = new SwaggerBuilder()
  for (const { key, make } of planDocuments(definitions)) {
    if (key === notInSwagger) continue
    builder.add(make(sources))
    await nextTurn()
  }
  return builder.finish()
}

/** Runs work one after the other, a turn of the event loop apart: making a document takes milliseconds that others may need. */
function oneByOne(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const done = last.then(() => nextTurn()).then(work)
    last = done.catch(() => {})
    return done
  }
}

/** What was made of a list of definitions, for as long as the list is the same. */
class Keeper<Value> {
  readonly #kept = new Map<string, { definitions: readonly ResourceDefinition[]; value: Promise<Value> }>()

  get(key: string, definitions: readonly ResourceDefinition[], make: () => Promise<Value>): Promise<Value> {
    const known = this.#kept.get(key)
    if (known && isSame(known.definitions, definitions)) return known.value
    const value = make()
    this.#kept.set(key, { definitions, value })
    // What failed is tried again by whoever asks next.
    value.catch(() => this.#kept.delete(key))
    return value
  }

  /** Forgets all keys but these. */
  retain(keys: ReadonlySet<string>): void {
    for (const key of this.#kept.keys()) if (!keys.has(key)) this.#kept.delete(key)
  }
}

function isSame<Item>(some: readonly Item[], others: readonly Item[]): boolean {
  return some === others || (some.length === others.length && some.every((each, index) => each === others[index]))
}

const compress = promisify(gzip)
const messages = { v2: swaggerMessage, v3: documentMessage }

class Document implements OpenAPIDocument {
  readonly hash: string
  readonly modified: Date
  readonly #json: Buffer
  readonly #version: 'v2' | 'v3'
  readonly #variants = new Map<string, Promise<Buffer>>()

  constructor(json: string, version: 'v2' | 'v3', now: number) {
    this.#json = Buffer.from(json)
    this.#version = version
    this.hash = createHash('sha512').update(this.#json).digest('hex').toUpperCase()
    this.modified = new Date(now)
  }

  bytes(format: OpenAPIFormat, isCompressed: boolean): Promise<Buffer> {
    const key = `${format} ${isCompressed}`
    const known = this.#variants.get(key)
    if (known) return known
    const made = isCompressed ? this.bytes(format, false).then((bytes) => compress(bytes)) : this.#plain(format)
    this.#variants.set(key, made)
    return made
  }

  async #plain(format: OpenAPIFormat): Promise<Buffer> {
    if (format === 'json') return this.#json
    const steps = encodeStepwise(messages[this.#version], JSON.parse(this.#json.toString()))
    for (;;) {
      const { done, value } = steps.next()
      if (done) return value
      await nextTurn()
    }
  }
}
