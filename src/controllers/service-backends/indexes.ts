// Indexes that keep Services and what stands behind them within reach, however many there are of each.
import { defineIndex, matchesMap, type ObjectKey, type Snapshot } from '../../machinery/index.js'
import { type EndpointSlice, endpointSlice, type Pod, pod, type Service, service } from '../../resources/index.js'

export const serviceNameLabel = 'kubernetes.io/service-name'
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by'

const pairOf = (namespace: string | undefined, key: string, value: string) => `${namespace}/${key}=${value}`

const podsByLabel = defineIndex<Pod>({
  definition: pod,
  values: ({ metadata: { namespace, labels } }) => Object.entries(labels ?? {}).map(([key, value]) => pairOf(namespace, key, value)),
})

/** Pods of a namespace that carry a label, in order of their names. */
export function podsLabelled(namespace: string, [key, value]: readonly [key: string, value: string], snapshot: Snapshot): readonly Pod[] {
  return snapshot.find(podsByLabel, pairOf(namespace, key, value))
}

const slicesByService = defineIndex<EndpointSlice>({
  definition: endpointSlice,
  values: ({ metadata: { namespace, labels } }) => (labels?.[serviceNameLabel] ? [`${namespace}/${labels[serviceNameLabel]}`] : []),
})

/** A Service whose endpoints are worked out from its selector; those of all others belong to somebody else. */
export function hasManagedEndpoints({ spec }: Service): boolean {
  return spec.type !== 'ExternalName' && Object.keys(spec.selector ?? {}).length > 0
}

/** One pair of a selector is enough to find it by. */
function firstPairOf({ metadata: { namespace }, spec: { selector = {} } }: Service): string {
  const [key] = Object.keys(selector)
  return pairOf(namespace, key, selector[key])
}

const servicesBySelector = defineIndex<Service>({ definition: service, values: (each) => (hasManagedEndpoints(each) ? [firstPairOf(each)] : []) })

/** Pods that a Service with managed endpoints selects, in order of their names. It costs as much as there are pods with the first label of the selector. */
export function podsBehind(object: Service, snapshot: Snapshot): readonly Pod[] {
  const found = snapshot.find(podsByLabel, firstPairOf(object))
  const { selector = {} } = object.spec
  return Object.keys(selector).length === 1 ? found : found.filter(({ metadata }) => matchesMap(selector, metadata.labels))
}

/** Services with managed endpoints that select a pod with these labels. It costs as much as the pod has labels. */
export function servicesSelecting(
  { namespace, labels = {} }: { namespace?: string; labels?: Readonly<Record<string, string>> },
  snapshot: Snapshot,
): Service[] {
  return Object.entries(labels).flatMap(([key, value]) =>
    snapshot.find(servicesBySelector, pairOf(namespace, key, value)).filter(({ spec }) => matchesMap(spec.selector, labels)),
  )
}

/** Slices of one manager that belong to what is named so, leaving out those that are being deleted. */
export function slicesOf({ namespace, name }: ObjectKey, manager: string, snapshot: Snapshot): EndpointSlice[] {
  const isKept = ({ metadata }: EndpointSlice) => metadata.labels?.[managedByLabel] === manager && !metadata.deletionTimestamp
  return snapshot.find(slicesByService, `${namespace}/${name}`).filter(isKept)
}
