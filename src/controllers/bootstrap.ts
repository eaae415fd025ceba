// Keeps what every cluster has, whatever clients do to it: the namespaces of the system, the range of cluster IPs and the Service
// of the API with its endpoints.
// Upstream: pkg/controlplane/controller/{systemnamespaces,kubernetesservice,defaultservicecidr}, pkg/controlplane/reconcilers
// Differs: at once, not every ten seconds or every minute.
import {
  type Controller,
  deepEqual,
  defineController,
  formatWorkKey,
  type KubeObject,
  keyOf,
  on,
  type Plain,
  type Plan,
  type ResourceDefinition,
  type WorkKey,
} from '../machinery/index.js'
import { endpointSlice, endpoints, namespace, type ServiceCIDR, service, serviceCIDR } from '../resources/index.js'

export interface InitialObject {
  definition: ResourceDefinition
  object: KubeObject
}

// Upstream: pkg/controlplane/controller/defaultservicecidr DefaultServiceCIDRName
const defaultRange = 'kubernetes'

const kept = [namespace, serviceCIDR, service, endpoints, endpointSlice] as const
/** Fields that are put right too. These objects are planted: the address of the API may be one that clients may not write. */
const corrected: Record<string, readonly string[]> = { [endpoints.key]: ['subsets'], [endpointSlice.key]: ['endpoints', 'ports'] }

interface Observed {
  wanted: InitialObject
  present: KubeObject | undefined
}

/** @param initialObjects what the cluster was born with; asked for once it lives */
export function bootstrapController(initialObjects: () => readonly InitialObject[]): Controller<Observed> {
  let [known, byKey]: [readonly InitialObject[], Map<string, InitialObject>] = [[], new Map()]
  const find = (key: WorkKey) => {
    const objects = initialObjects()
    if (objects !== known) [known, byKey] = [objects, indexed(objects)]
    return byKey.get(formatWorkKey(key))
  }
  const watch = (definition: ResourceDefinition) =>
    on(definition, ({ object: { metadata }, deleted }) => {
      if (!deleted && !corrected[definition.key]) return []
      const key = { resource: definition.key, namespace: metadata.namespace ?? '', name: metadata.name ?? '' }
      return find(key) ? [key] : []
    })
  return defineController<Observed>({
    name: 'bootstrap-controller',
    fieldManager: 'kube-apiserver',
    username: 'system:apiserver',
    watches: [
      ...kept.map((definition) => watch(definition as ResourceDefinition)),
      on(serviceCIDR, () =>
        initialObjects()
          .filter(isService)
          .map(({ definition, object }) => ({ resource: definition.key, ...keyOf(object) })),
      ),
    ],
    observe(key, snapshot) {
      const wanted = find(key)
      if (!wanted) return undefined
      // While a range goes, none of its addresses is given.
      if (isService(wanted) && snapshot.list(serviceCIDR).some(isGoing)) return undefined
      return { wanted, present: snapshot.get(wanted.definition, key) }
    },
    reconcile({ wanted: { definition, object }, present }): Plan {
      const own = corrected[definition.key]
      if (!present) return { writes: [own ? { verb: 'plant', definition, object } : { verb: 'create', definition, object: bare(object) }] }
      const fields = (own ?? []).filter((field) => !deepEqual((present as Plain)[field], (object as Plain)[field]))
      if (!fields.length) return { writes: [] }
      const right = Object.fromEntries(fields.map((field) => [field, (object as Plain)[field]]))
      return { writes: [{ verb: 'plant', definition, object: { ...present, ...right } }] }
    },
  })
}

const isService = ({ definition }: InitialObject) => definition.key === service.key

const isGoing = ({ metadata }: ServiceCIDR) => metadata.deletionTimestamp !== undefined && metadata.name === defaultRange

/** As it is asked for; the API says the rest. */
function bare({ metadata: { name, namespace, labels }, status: _status, ...object }: KubeObject & Plain): Plain {
  return { ...object, metadata: { name, ...(namespace ? { namespace } : {}), ...(labels ? { labels } : {}) } }
}

/** Of an object that is written more than once, the first form. */
function indexed(objects: readonly InitialObject[]): Map<string, InitialObject> {
  const byKey = new Map<string, InitialObject>()
  for (const initial of objects) {
    const { name = '', namespace = '' } = initial.object.metadata
    const key = formatWorkKey({ resource: initial.definition.key, namespace, name })
    if (!byKey.has(key)) byKey.set(key, initial)
  }
  return byKey
}
