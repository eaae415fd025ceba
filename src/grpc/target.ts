// What a request is about: the resource, and where the call may go.
import { type Plain, type ResourceDefinition, StatusError, type SubresourceFacts, status, type UserInfo } from '../machinery/index.js'
import type { Call, Catalogue } from '../registry/index.js'

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'

/** @throws {StatusError} 404 when no such resource is served */
export function requireDefinition(catalogue: Catalogue, { group = '', version = '', resource = '' }: Plain): ResourceDefinition {
  const definition = catalogue.find(group ? `${group}/${version}` : version, resource)
  if (!definition) throw new StatusError(status.noSuchResource())
  return definition
}

export interface Asked {
  definition: ResourceDefinition
  verb: Verb
  namespace: string
  name: string
  subresource: string
}

/** @throws {StatusError} 400 when a name is missing, 404 or 405 when there is nothing to call */
export function requireServed(asked: Asked): SubresourceFacts | undefined {
  const { definition, verb, namespace, name, subresource } = asked
  if (!definition.namespaced && namespace) throw new StatusError(status.noSuchResource())
  const facts = subresource ? requireSubresource(definition, subresource) : undefined
  if (!(facts?.verbs ?? definition.verbs).includes(verb)) throw new StatusError(status.methodNotAllowed())
  if (!name && (facts || isOfOne(verb))) throw new StatusError(status.badRequest('resource name may not be empty'))
  if (definition.namespaced && !namespace && verb !== 'list' && verb !== 'watch') throw new StatusError(status.badRequest(namespaceMissing(verb)))
  return facts
}

const isOfOne = (verb: Verb) => verb === 'get' || verb === 'update' || verb === 'patch' || verb === 'delete'

/** Upstream: client-go/rest/request.go */
function namespaceMissing(verb: Verb): string {
  return `an empty namespace may not be set ${verb === 'create' ? 'during creation' : verb === 'deletecollection' ? 'when a collection is deleted' : 'when a resource name is provided'}`
}

function requireSubresource(definition: ResourceDefinition, name: string): SubresourceFacts {
  const facts = definition.subresources?.find((each) => each.name === name)
  // Streams into containers need containers.
  if (!facts || facts.name === 'log' || /^(?:Pod(?:Exec|Attach|PortForward|Proxy)|ServiceProxy|NodeProxy)Options$/.test(facts.kind)) {
    throw new StatusError(status.noSuchResource())
  }
  return facts
}

export function callOf({ definition, namespace, name, subresource }: Asked, user: UserInfo, warnings: string[]): Call {
  if (definition.warning) warnings.push(definition.warning)
  return { definition, namespace, name, subresource, user, warn: (text) => void warnings.push(text) }
}
