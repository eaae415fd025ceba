// The OpenAPI v3 documents of a server: one for each group version, a few for what lists them.
// Upstream: apiserver/pkg/server/routes/openapi.go, kube-openapi/pkg/handler3
import { kubernetesVersion } from '../kubernetes-version.js'
import type { Plain } from '../object.js'
import type { ResourceDefinition } from '../resource.js'
import type { Schema } from '../shape/shape.js'
import { capital, groupWord, operationPrefix } from './names.js'
import { mediaTypes, pathItems, responses } from './operation.js'
import { operationsOf } from './resource-operations.js'
import { type Describe, type JSONSchema, Schemas } from './schemas.js'

export interface OpenAPISources {
  schema: Schema
  describe: Describe
}

/** One document: its place below /openapi/v3/ and what it is made of. */
export interface DocumentPlan {
  key: string
  definitions: readonly ResourceDefinition[]
  make(sources: OpenAPISources): Plain
}

/** All documents in the order of their keys. */
export function planDocuments(definitions: readonly ResourceDefinition[]): DocumentPlan[] {
  const groups = new Set(definitions.map(({ group }) => group))
  const byVersion = new Map<string, ResourceDefinition[]>()
  for (const definition of definitions) {
    const known = byVersion.get(definition.apiVersion)
    if (known) known.push(definition)
    else byVersion.set(definition.apiVersion, [definition])
  }
  const plans = [...rootPlans, ...[...groups].filter(Boolean).map(groupPlan), ...[...byVersion.values()].map(versionPlan)]
  return plans.sort((one, other) => (one.key < other.key ? -1 : 1))
}

const rootPlans: readonly DocumentPlan[] = [
  listing('api', { tag: 'core', id: 'getCoreAPIVersions', answers: 'meta/v1.APIVersions' }),
  listing('apis', { tag: 'apis', id: 'getAPIVersions', answers: 'meta/v1.APIGroupList' }),
  listing('version', { tag: 'version', id: 'getCodeVersion', answers: 'version.Info', media: ['application/json'] }),
  listing('openid/v1/jwks', { tag: 'openid', id: 'getServiceAccountIssuerOpenIDKeyset', media: ['application/jwk-set+json'] }),
  listing('.well-known/openid-configuration', { tag: 'WellKnown', id: 'getServiceAccountIssuerOpenIDConfiguration', media: ['application/json'] }),
]

function groupPlan(group: string): DocumentPlan {
  const word = groupWord(group)
  return listing(`apis/${group}`, { tag: word, id: `get${capital(word)}APIGroup`, answers: 'meta/v1.APIGroup' })
}

interface Listing {
  tag: string
  id: string
  /** Key of the type of the answer; a text when absent. */
  answers?: string
  media?: string[]
}

/** A document of one path that is only read. */
function listing(key: string, words: Listing): DocumentPlan {
  return {
    key,
    definitions: [],
    make({ schema, describe }) {
      const schemas = new Schemas(describe)
      return documentOf({ [`/${key}/`]: readOperation(words, words.answers ? schemas.of(schema.shape(words.answers)) : { type: 'string' }) }, schemas)
    },
  }
}

const readOperation = ({ tag, id, media = mediaTypes }: Listing, answer: JSONSchema) => ({
  get: { tags: [tag], operationId: id, responses: responses(answer, ['200'], media) },
})

function versionPlan(definitions: readonly ResourceDefinition[]): DocumentPlan {
  const { group, version, apiVersion } = definitions[0]
  const key = group ? `apis/${apiVersion}` : `api/${apiVersion}`
  return {
    key,
    definitions,
    make({ schema, describe }) {
      const schemas = new Schemas(describe)
      const list = { tag: `${groupWord(group)}_${version}`, id: `get${operationPrefix(group, version)}APIResources` }
      const paths = {
        [`/${key}/`]: readOperation(list, schemas.of(schema.shape('meta/v1.APIResourceList'))),
        ...pathItems(definitions.flatMap((definition) => operationsOf(definition, { schema, schemas, describe }))),
      }
      return documentOf(paths, schemas)
    },
  }
}

function documentOf(paths: Record<string, Plain>, schemas: Schemas): Plain {
  const made = schemas.collect()
  return {
    openapi: '3.0.0',
    info: documentInfo,
    paths: Object.fromEntries(Object.entries(paths).sort(([one], [other]) => (one < other ? -1 : 1))),
    components: { ...(Object.keys(made).length ? { schemas: made } : {}), securitySchemes: { BearerToken: bearerToken } },
  }
}

export const documentInfo = { title: 'Kubernetes', version: `${kubernetesVersion.major}.${kubernetesVersion.minor}` }
export const bearerToken = { type: 'apiKey', description: 'A token after the word Bearer.', name: 'authorization', in: 'header' }
