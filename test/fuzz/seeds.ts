// Seeds: what the fuzzer makes its requests of. Everything that was recorded of real clients, and every verb on the samples of every kind.
import type { Plain, ResourceDefinition } from '../../src/machinery/index.js'
import { builtInResources } from '../../src/resources/index.js'
import { type Recording, readRecordings, type Step, type WireRequest } from '../conformance/recording.js'
import { readSamples } from '../support/samples.js'
import { type Chance, happens, oneOf } from './chance.js'

export interface Seed {
  method: string
  path: string
  accept?: string
  contentType?: string
  body?: unknown
  /** What the path leads to. */
  definition?: ResourceDefinition
}

export interface SampleSeed {
  definition: ResourceDefinition
  /** Named, with kind and apiVersion. */
  object: Plain
}

/** Namespaces that the run has for itself. Some samples name the first. */
export const namespaces = ['samples', 'fuzz-1', 'fuzz-2'] as const

export const samples: readonly SampleSeed[] = readSamples().map(({ resource, send }, index) => {
  const definition = builtInResources.find(({ key }) => key === resource) as ResourceDefinition
  const { apiVersion, kind } = definition
  return { definition, object: { apiVersion, kind, ...send, metadata: { name: `sample-${index}`, ...send.metadata } } }
})

export const recorded: readonly WireRequest[] = readRecordings().flatMap(({ steps, cleanup = [] }: Recording) => [...requestsOf(steps), ...cleanup])

function requestsOf(steps: readonly Step[]): WireRequest[] {
  return steps.flatMap(({ request, watch }) => [request, ...requestsOf(watch?.during ?? [])])
}

/** A request as it was recorded, in one of our namespaces. */
export const recordedSeed = (next: Chance): Seed => filledIn(oneOf(recorded, next), happens(70, next) ? namespaces[0] : oneOf(namespaces, next), next)

/** @param next what an answer would have told is made up */
export function filledIn({ method, path, accept, contentType, body }: WireRequest, namespace: string, next: Chance): Seed {
  const captured: Record<string, string> = { namespace, rv: String(next(5000)), ip: `10.96.0.${next(256)}`, np: String(30_000 + next(2768)) }
  const fill = (text: string) => text.replace(/\$\{(\w+)\}/g, (_whole, name: string) => captured[name] ?? 'made-up')
  const filledPath = fill(path)
  return {
    method,
    path: filledPath,
    accept,
    contentType,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? fill(body) : JSON.parse(fill(JSON.stringify(body))) }),
    definition: definitionAt(filledPath),
  }
}

const subresources = ['status', 'scale', 'resize', 'approval', 'finalize', 'binding', 'eviction', 'ephemeralcontainers', 'token', 'log', 'proxy', 'exec']
const patchTypes = ['application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json', 'application/apply-patch+yaml']

const watchOptions = [
  '',
  '&resourceVersion=0',
  '&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan',
  '&timeoutSeconds=1',
  '&resourceVersion=1',
]

/** Any verb on a sample, mostly where it leads somewhere. */
export function sampleSeed(next: Chance): Seed {
  const { definition, object } = oneOf(samples, next)
  const collection = collectionOf(definition, happens(80, next) ? namespaces[0] : oneOf(namespaces, next))
  const part = happens(12, next) ? `/${oneOf(happens(75, next) ? (definition.subresources?.map(({ name }) => name) ?? ['status']) : subresources, next)}` : ''
  const one = `${collection}/${object.metadata.name}${part}`
  if (happens(6, next))
    return { method: 'GET', path: `${happens(50, next) ? collection : collectionOf(definition)}?watch=1${oneOf(watchOptions, next)}`, definition }
  switch (next(16)) {
    case 0:
      return { method: 'GET', path: one, definition }
    case 1:
      return { method: 'GET', path: collection, definition }
    case 2:
      return { method: 'GET', path: happens(50, next) ? collectionOf(definition) : `${collection}?limit=${1 + next(3)}`, definition }
    case 3:
    case 4:
    case 5:
      return { method: 'PUT', path: one, body: object, definition }
    case 6:
      return {
        method: 'DELETE',
        path: one,
        body: happens(50, next) ? { kind: 'DeleteOptions', apiVersion: 'v1', gracePeriodSeconds: 0 } : undefined,
        definition,
      }
    case 7:
      return { method: happens(20, next) ? 'DELETE' : 'HEAD', path: collection, definition }
    case 8:
    case 9:
    case 10:
    case 11:
      return { method: 'PATCH', path: one, contentType: oneOf(patchTypes, next), body: object, definition }
    default:
      return { method: 'POST', path: happens(90, next) ? collection : one, body: object, definition }
  }
}

export function collectionOf({ group, apiVersion, namespaced, plural }: ResourceDefinition, namespace?: string): string {
  return `${group ? '/apis' : '/api'}/${apiVersion}${namespaced && namespace ? `/namespaces/${namespace}` : ''}/${plural}`
}

export function definitionAt(path: string): ResourceDefinition | undefined {
  const [, root, ...rest] = path.split('?', 1)[0].split('/')
  const apiVersion = root === 'apis' ? `${rest.shift()}/${rest.shift()}` : rest.shift()
  const inNamespace = rest[0] === 'namespaces' && rest.length > 2 && !['status', 'finalize'].includes(rest[2])
  const plural = inNamespace ? rest[2] : rest[0]
  return builtInResources.find((each) => each.apiVersion === apiVersion && each.plural === plural)
}
