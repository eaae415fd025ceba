// Discovery: what is served, said of the definitions in the catalogue. Their order is the order of groups, versions and resources.
// Upstream: apiserver/pkg/endpoints/discovery, apiserver/pkg/endpoints/discovery/aggregated, kube-aggregator/pkg/apiserver/handler_apis.go
// Differs: subresources that reach into containers (log, exec, attach, portforward, proxy) are listed although they answer 404,
// since clients compare these lists with the real ones and ask for such a subresource only when a person wants it.
import type { Plain, ResourceDefinition, SubresourceFacts } from '../machinery/index.js'

/** One version of one group, with its resources. */
interface ServedVersion {
  version: string
  /** `v1`, `apps/v1` */
  apiVersion: string
  definitions: ResourceDefinition[]
}

interface ServedGroup {
  /** Empty for the core group. */
  group: string
  versions: ServedVersion[]
}

/** Answer of /api. */
export function apiVersions(definitions: readonly ResourceDefinition[], serverAddress: string): Plain {
  const versions = groupsOf(definitions)
    .filter(({ group }) => group === '')
    .flatMap(({ versions }) => versions.map(({ version }) => version))
  return { kind: 'APIVersions', versions, serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }] }
}

/** Answer of /apis. */
export function apiGroupList(definitions: readonly ResourceDefinition[]): Plain {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: namedGroups(definitions).map(groupEntry) }
}

/** Answer of /apis/<group>. */
export function apiGroup(definitions: readonly ResourceDefinition[], name: string): Plain | undefined {
  const found = namedGroups(definitions).find(({ group }) => group === name)
  return found && { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(found) }
}

/** Answer of /api/<version> and /apis/<group>/<version>. */
export function apiResourceList(definitions: readonly ResourceDefinition[], apiVersion: string): Plain | undefined {
  const served = definitions.filter((definition) => definition.apiVersion === apiVersion)
  if (!served.length) return undefined
  const isNamed = apiVersion.includes('/')
  return { kind: 'APIResourceList', ...(isNamed ? { apiVersion: 'v1' } : {}), groupVersion: apiVersion, resources: served.flatMap(resourceEntries) }
}

/** All of discovery in one answer: the core group for /api, the others for /apis. */
export function apiGroupDiscoveryList(definitions: readonly ResourceDefinition[], of: 'core' | 'named'): Plain {
  const groups = groupsOf(definitions).filter(({ group }) => (group === '') === (of === 'core'))
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items: groups.map(discoveryOfGroup) }
}

function groupsOf(definitions: readonly ResourceDefinition[]): ServedGroup[] {
  const groups = new Map<string, Map<string, ResourceDefinition[]>>()
  for (const definition of definitions) {
    const versions = groups.get(definition.group) ?? new Map<string, ResourceDefinition[]>()
    const served = versions.get(definition.version) ?? []
    served.push(definition)
    groups.set(definition.group, versions.set(definition.version, served))
  }
  return [...groups].map(([group, versions]) => ({
    group,
    versions: [...versions].map(([version, served]) => ({ version, apiVersion: served[0].apiVersion, definitions: served })),
  }))
}

const namedGroups = (definitions: readonly ResourceDefinition[]) => groupsOf(definitions).filter(({ group }) => group !== '')

function groupEntry({ group, versions }: ServedGroup): Plain {
  const entries = versions.map(({ apiVersion, version }) => ({ groupVersion: apiVersion, version }))
  return { name: group, versions: entries, preferredVersion: entries[0] }
}

/** A resource and, after it, its subresources. */
function resourceEntries(definition: ResourceDefinition): Plain[] {
  const { plural, singular, namespaced, kind, verbs, shortNames, categories, storageVersionHash, subresources = [] } = definition
  const entry = { name: plural, singularName: singular, namespaced, kind, verbs, ...present({ shortNames, categories, storageVersionHash }) }
  return [entry, ...subresources.map((subresource) => subresourceEntry(definition, subresource))]
}

function subresourceEntry({ plural, namespaced }: ResourceDefinition, { name, singular = '', explicit, group, version, kind, verbs }: SubresourceFacts): Plain {
  return { name: `${plural}/${name}`, singularName: singular, namespaced, ...(explicit ? { group, version } : {}), kind, verbs }
}

function discoveryOfGroup({ group, versions }: ServedGroup): Plain {
  const discovered = versions.map(({ version, definitions }) => ({ version, resources: definitions.map(discoveryOfResource), freshness: 'Current' }))
  return { metadata: group ? { name: group } : {}, versions: discovered }
}

function discoveryOfResource({ plural, kind, namespaced, singular, verbs, shortNames, categories, subresources }: ResourceDefinition): Plain {
  return {
    resource: plural,
    responseKind: { group: '', version: '', kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...present({ shortNames, categories, subresources: subresources?.map(discoveryOfSubresource) }),
  }
}

function discoveryOfSubresource({ name, group, version, kind, verbs, explicit }: SubresourceFacts): Plain {
  return { subresource: name, responseKind: { group: explicit ? group : '', version: explicit ? version : '', kind }, verbs }
}

/** Without members that are absent. */
function present(members: Plain): Plain {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}
