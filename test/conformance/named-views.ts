// Views that have a name because no path says them: what is left when order, age or another server's extras are gone.
import type { Plain } from '../../src/machinery/index.js'
import { readPath } from './path.js'

type NamedView = (body: unknown) => unknown

const at = readPath
const listAt = (value: unknown, path: string) => (readPath(value, path) ?? []) as unknown[]
const mapAt = (value: unknown, path: string, change: (each: unknown, index: number) => unknown) => (readPath(value, path) as unknown[] | undefined)?.map(change)
const byText = (one: unknown, other: unknown) => String(one).localeCompare(String(other))
const byJSON = (one: unknown, other: unknown) => byText(JSON.stringify(one), JSON.stringify(other))
const without = (value: unknown, ...names: string[]) => Object.fromEntries(Object.entries(value as Plain).filter(([name]) => !names.includes(name)))

// A server may offer more kinds and groups than these; only these are compared.
const coreResources = [
  ...['bindings', 'componentstatuses', 'configmaps', 'endpoints', 'events', 'limitranges', 'namespaces', 'namespaces/finalize', 'namespaces/status'],
  ...['nodes', 'nodes/proxy', 'nodes/status', 'persistentvolumeclaims', 'persistentvolumes', 'podtemplates', 'pods', 'pods/attach', 'pods/binding'],
  ...['pods/ephemeralcontainers', 'pods/eviction', 'pods/exec', 'pods/log', 'pods/portforward', 'pods/proxy', 'pods/resize', 'pods/status'],
  ...['replicationcontrollers', 'resourcequotas', 'secrets', 'serviceaccounts', 'serviceaccounts/token', 'services', 'services/proxy', 'services/status'],
]
const groups = [
  ...['admissionregistration.k8s.io', 'apiextensions.k8s.io', 'apiregistration.k8s.io', 'apps', 'authentication.k8s.io', 'authorization.k8s.io', 'autoscaling'],
  ...['batch', 'coordination.k8s.io', 'discovery.k8s.io', 'events.k8s.io', 'networking.k8s.io', 'policy', 'rbac.authorization.k8s.io', 'scheduling.k8s.io'],
  'storage.k8s.io',
]
const aggregatedGroups = ['apps', 'coordination.k8s.io', 'discovery.k8s.io', 'events.k8s.io', 'networking.k8s.io']
const versionMembers = ['buildDate', 'compiler', 'gitCommit', 'gitTreeState', 'gitVersion', 'goVersion', 'major', 'minor', 'platform']
const rootPaths = ['/api', '/api/v1', '/apis', '/apis/apps/v1', '/healthz', '/livez', '/metrics', '/openapi/v2', '/openapi/v3', '/readyz', '/version']
const openAPIDocuments = ['api/v1', 'apis', 'apis/apps/v1', 'apis/discovery.k8s.io/v1', 'version']
const serviceSchemas = ['Service', 'ServiceSpec', 'ServicePort', 'ServiceStatus', 'Endpoints', 'EndpointSubset', 'Container', 'PodStatus']

const discovery: Record<string, NamedView> = {
  coreResources: (body) => ({
    kind: at(body, '.kind'),
    apiVersion: at(body, '.apiVersion'),
    groupVersion: at(body, '.groupVersion'),
    resources: listAt(body, '.resources')
      .filter((resource) => coreResources.includes(at(resource, '.name') as string))
      .map((resource) => without(resource, 'storageVersionHash')),
  }),
  groups: (body) => ({
    kind: at(body, '.kind'),
    apiVersion: at(body, '.apiVersion'),
    groups: listAt(body, '.groups')
      .filter((group) => groups.includes(at(group, '.name') as string))
      .map((group) => ({ name: at(group, '.name'), preferred: at(group, '.preferredVersion') })),
  }),
  resources: (body) => ({ ...(body as Plain), resources: mapAt(body, '.resources', (resource) => without(resource, 'storageVersionHash')) }),
  aggregatedCore: (body) => ({
    kind: at(body, '.kind'),
    apiVersion: at(body, '.apiVersion'),
    items: mapAt(body, '.items', (item) => ({
      name: at(item, '.metadata.name') ?? '',
      versions: mapAt(item, '.versions', (version) => ({
        version: at(version, '.version'),
        freshness: at(version, '.freshness'),
        resources: listAt(version, '.resources').filter((resource) => coreResources.includes(at(resource, '.resource') as string)),
      })),
    })),
  }),
  aggregatedGroups: (body) => ({
    kind: at(body, '.kind'),
    items: listAt(body, '.items')
      .filter((item) => aggregatedGroups.includes(at(item, '.metadata.name') as string))
      .map((item) => ({
        name: at(item, '.metadata.name'),
        versions: mapAt(item, '.versions[version=v1]', (version) => ({
          version: at(version, '.version'),
          freshness: at(version, '.freshness'),
          resources: at(version, '.resources'),
        })),
      })),
  }),
  versionMembers: (body) => versionMembers.filter((name) => name in (body as Plain)),
  rootPaths: (body) => ({ has: rootPaths.filter((path) => listAt(body, '.paths').includes(path)) }),
}

const openAPI: Record<string, NamedView> = {
  openAPIDocuments: (body) => openAPIDocuments.filter((name) => name in ((typeof body === 'string' ? JSON.parse(body) : body) as Plain).paths),
  openAPIOfSlices(body) {
    const schema = at(body, '.components.schemas["io.k8s.api.discovery.v1.EndpointSlice"]') as Plain
    const wordsOf = (property: unknown) =>
      Object.keys(property as Plain)
        .filter((word) => word !== 'description')
        .sort()
    return {
      openapi: at(body, '.openapi'),
      props: Object.fromEntries(Object.entries(schema.properties as Plain).map(([name, property]) => [name, wordsOf(property)])),
      required: schema.required,
      gvk: schema['x-kubernetes-group-version-kind'],
    }
  },
  openAPIOfServices: (body) => serviceSchemas.map((name) => [name, undescribed(at(body, `.components.schemas["io.k8s.api.core.v1.${name}"]`))]),
}

/** Descriptions are free prose; a property may be named so as well, and stays. */
function undescribed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(undescribed)
  if (!value || typeof value !== 'object') return value
  const kept = Object.entries(value).filter(([name, each]) => name !== 'description' || typeof each !== 'string')
  return Object.fromEntries(kept.map(([name, each]) => [name, undescribed(each)]))
}

const endpoints: Record<string, NamedView> = {
  endpointSlices: (body) =>
    mapAt(body, '.items', (slice) => ({
      meta: { generateName: at(slice, '.metadata.generateName'), labels: at(slice, '.metadata.labels'), owners: at(slice, '.metadata.ownerReferences') },
      addressType: at(slice, '.addressType'),
      ports: at(slice, '.ports'),
      endpoints: mapAt(slice, '.endpoints', (endpoint) => without(endpoint, 'nodeName', 'zone'))?.sort((one, other) =>
        byText(at(one, '.addresses'), at(other, '.addresses')),
      ),
    }))?.sort((one, other) => byJSON(at(one, '.ports') ?? null, at(other, '.ports') ?? null)),
  endpointSubsets: (body) => ({
    labels: at(body, '.metadata.labels'),
    subsets: mapAt(body, '.subsets', (subset) => ({
      ports: at(subset, '.ports'),
      ready: mapAt(subset, '.addresses', (address) => [at(address, '.ip'), at(address, '.targetRef.name'), at(address, '.hostname')])?.sort(),
      notReady: mapAt(subset, '.notReadyAddresses', (address) => [at(address, '.ip'), at(address, '.targetRef.name')])?.sort(),
    }))?.sort(byJSON),
    code: at(body, '.code'),
  }),
}

const ages = ['Age', 'Last Seen', 'First Seen', 'Created At', 'Duration', 'Last Schedule']
const address = /^\d+\.\d+\.\d+\.\d+$/

function serviceCell(cell: unknown, column: unknown): unknown {
  if (column === 'Age') return 'age'
  if (typeof cell !== 'string') return cell
  return address.test(cell) ? 'ip' : cell.replace(/:3\d{4}/g, ':nodePort')
}

const tables: Record<string, NamedView> = {
  table(body) {
    const columns = listAt(body, '.columnDefinitions')
    const cells = mapAt(body, '.rows', (row) => mapAt(row, '.cells', (cell, index) => (ages.includes(at(columns[index], '.name') as string) ? '-' : cell)))
    return { columns: at(body, '.columnDefinitions'), cells }
  },
  nodeTable(body) {
    const columns = listAt(body, '.columnDefinitions')
    const isOwn = (index: number) => ['Name', 'Age', 'Status'].includes(at(columns[index], '.name') as string)
    return { columns: at(body, '.columnDefinitions'), cells: mapAt(body, '.rows[0].cells', (cell, index) => (isOwn(index) ? '-' : cell)) }
  },
  serviceTable(body) {
    const columns = listAt(body, '.columnDefinitions')
    const changed = (row: unknown) => ({ ...(row as Plain), cells: mapAt(row, '.cells', (cell, index) => serviceCell(cell, at(columns[index], '.name'))) })
    return { ...(body as Plain), rows: mapAt(body, '.rows', changed) }
  },
  shortTable: (body) => ({ ...(body as Plain), rows: mapAt(body, '.rows', (row) => ({ cells: at(row, '.cells[:2]'), object: at(row, '.object') })) }),
  shortRows: (body) => ({ cols: at(body, '.columnDefinitions'), cells: mapAt(body, '.rows', (row) => at(row, '.cells[:4]')) }),
}

const watching: Record<string, NamedView> = {
  events: (body) => mapAt(body, '.events', watched),
  eventsByName: (body) => mapAt(body, '.events', watched)?.sort((one, other) => byText(at(one, '.name'), at(other, '.name'))),
  eventsWithAnnotationKeys: (body) => mapAt(body, '.events', (event) => ({ ...watched(event), annotations: at(event, '.object.metadata.annotations | keys') })),
  tableEvents: (body) =>
    mapAt(body, '.events', (event) => ({
      type: at(event, '.type'),
      kind: at(event, '.object.kind'),
      columns: at(event, '.object.columnDefinitions | length') ?? null,
      rows: mapAt(event, '.object.rows', (row) => at(row, '.cells[:2]')),
    })),
  firstEvent: (body) =>
    mapAt(body, '.events[:1]', (event) => ({ type: at(event, '.type'), kind: at(event, '.object.kind'), keys: at(event, '.object | keys | sort') })),
}

function watched(event: unknown) {
  return {
    type: at(event, '.type'),
    name: at(event, '.object.metadata.name'),
    kind: at(event, '.object.kind'),
    annotations: at(event, '.object.metadata.annotations'),
    data: at(event, '.object.data'),
    code: at(event, '.object.code'),
    reason: at(event, '.object.reason'),
  }
}

const others: Record<string, NamedView> = {
  ownNamespaces: (body) => listAt(body, '.items[].metadata.name').filter((name) => /^(?:default|kube-)/.test(String(name))),
  calmYAML: (body) => (body as string).split('\n').filter((line) => !/uid|Timestamp|resourceVersion|time:|namespace/.test(line)),
  hasRemaining: (body) => ({ n: at(body, '.items | length'), hasRemaining: 'remainingItemCount' in (at(body, '.metadata') as Plain) }),
  hasFive: (body) => ({ code: at(body, '.code'), n: listAt(body, '.items').length >= 5 }),
  namesAndImages: (body) => mapAt(body, '.spec.containers', (container) => [at(container, '.name'), at(container, '.image')]) ?? body,
  refusedFields: (body) => ({
    code: at(body, '.code'),
    reason: at(body, '.reason'),
    first: at(body, '.message | lines | first'),
    causes: mapAt(body, '.details.causes', (cause) => [at(cause, '.reason'), at(cause, '.field')]),
  }),
  conditionsAndManagers: (body) => ({
    conditions: at(body, '.status.conditions'),
    managers: mapAt(body, '.metadata.managedFields', (entry) => [at(entry, '.manager'), at(entry, '.operation'), at(entry, '.subresource')]),
    code: at(body, '.code'),
    message: at(body, '.message'),
  }),
  replicaSets: (body) =>
    mapAt(body, '.items', (replicaSet) => ({
      prefix: String(at(replicaSet, '.metadata.name')).replace(/-[a-z0-9]+$/, ''),
      labels: at(replicaSet, '.metadata.labels | keys | sort'),
      annotations: at(replicaSet, '.metadata.annotations'),
      replicas: at(replicaSet, '.spec.replicas'),
      owner: mapAt(replicaSet, '.metadata.ownerReferences', (owner) => ['.kind', '.name', '.controller', '.blockOwnerDeletion'].map((path) => at(owner, path))),
    })),
  ownedPods: (body) =>
    mapAt(body, '.items', (pod) => ({
      generateName: (at(pod, '.metadata.generateName') as string | undefined)?.replace(/-[a-z0-9]+-$/, '-<hash>-'),
      owner: mapAt(pod, '.metadata.ownerReferences', (owner) => [at(owner, '.kind'), at(owner, '.controller')]),
    })),
  token(body) {
    const token = at(body, '.status.token') as string | undefined
    const claims = token ? (JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString()) as Plain) : undefined
    return {
      kind: at(body, '.kind'),
      apiVersion: at(body, '.apiVersion'),
      spec: { expirationSeconds: at(body, '.spec.expirationSeconds') },
      parts: token?.split('.').length,
      claims: claims && Object.keys(claims).sort(),
      sub: claims?.sub,
    }
  },
  refusedToken: (body) => ({ authenticated: at(body, '.status.authenticated') ?? false, hasError: Boolean(at(body, '.status.error')) }),
}

export const namedViews: Readonly<Record<string, NamedView>> = { ...discovery, ...openAPI, ...endpoints, ...tables, ...watching, ...others }
