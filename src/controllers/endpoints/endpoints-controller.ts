// The Endpoints controller: one object for each Service with a selector, named as it is, with the addresses behind it. It
// serves those who have not moved to slices.
// Upstream: pkg/controller/endpoint/endpoints_controller.go
// Differs: no event tells of a write that is refused; the manager's log does.
import {
  type Change,
  type Controller,
  deepEqual,
  defineController,
  keyOf,
  type ObjectKey,
  on,
  onSelf,
  type Plan,
  type PlannedWrite,
  type Snapshot,
  withMembers,
} from '../../machinery/index.js'
import {
  type EndpointAddress,
  type EndpointSubset,
  type Endpoints,
  endpoints,
  namespace as namespaceDefinition,
  type Pod,
  type Service,
  service,
} from '../../resources/index.js'
import { backendOf } from '../service-backends/backend.js'
import { headlessLabel, isHeadless } from '../service-backends/headless.js'
import { hasManagedEndpoints, podsBehind } from '../service-backends/indexes.js'
import { onBackends } from '../service-backends/membership.js'
import { podNamed } from '../service-backends/pod-changes.js'
import { triggerTimeOf, withTriggerTime } from '../service-backends/trigger-time.js'
import { podSubsets } from './pod-subsets.js'

interface Observed {
  /** Absent: it is gone, and its Endpoints go too. */
  service?: Service
  pods: readonly Pod[]
  current?: Endpoints
  isNamespaceTerminating: boolean
}

const managedByLabel = 'endpoints.kubernetes.io/managed-by'
const manager = 'endpoint-controller'
const overCapacityAnnotation = 'endpoints.kubernetes.io/over-capacity'
const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader'

export const endpointsController: Controller<Observed> = defineController<Observed>({
  name: 'endpoints-controller',
  username: 'system:serviceaccount:kube-system:endpoint-controller',
  fieldManager: 'kube-controller-manager',
  watches: [onSelf(service), onBackends, on(endpoints, lostEndpoints)],
  observe,
  reconcile: (observed) => (observed.service ? reconcile(observed, observed.service) : { writes: deletionsOf(observed.current) }),
})

/**
 * Endpoints that somebody deleted come back; what somebody wrote into them stays until their Service or its pods change.
 * Those of this controller go when their Service went while nobody looked.
 */
function lostEndpoints({ object, old, deleted }: Change<Endpoints>, snapshot: Snapshot): ObjectKey[] {
  const key = keyOf(object)
  const hasService = snapshot.get(service, key) !== undefined
  if (deleted) return hasService ? [key] : []
  const { labels, annotations } = object.metadata
  const isOrphan = !old && !hasService && labels?.[managedByLabel] === manager && annotations?.[leaderAnnotation] === undefined
  return isOrphan ? [key] : []
}

function observe(key: ObjectKey, snapshot: Snapshot): Observed | undefined {
  const owner = snapshot.get(service, key)
  const current = snapshot.get(endpoints, key)
  if (!owner) return current && { pods: [], current, isNamespaceTerminating: false }
  if (!hasManagedEndpoints(owner)) return undefined
  const isNamespaceTerminating = snapshot.get(namespaceDefinition, { name: key.namespace })?.metadata.deletionTimestamp !== undefined
  return { service: owner, pods: podsBehind(owner, snapshot), current, isNamespaceTerminating }
}

function deletionsOf(current: Endpoints | undefined): PlannedWrite[] {
  return current ? [{ verb: 'delete', definition: endpoints, key: keyOf(current) }] : []
}

function reconcile({ pods, current, isNamespaceTerminating }: Observed, owner: Service): Plan {
  const { subsets, isOverCapacity } = podSubsets(owner, pods)
  const labels = labelsOf(owner)
  const annotations = withCapacity(current?.metadata.annotations, isOverCapacity)
  const isSame = current && deepEqual(current.metadata.labels, labels) && isSameAnnotation(current, annotations) && isSameList(current.subsets, subsets)
  if (isSame || (!current && isNamespaceTerminating)) return { writes: [] }
  const stamped = withTriggerTime(annotations, triggerTime(owner, pods, current, subsets))
  const { namespace, name } = owner.metadata
  const { annotations: _annotations, ...metadata } = current?.metadata ?? { namespace, name }
  const object = { apiVersion: 'v1', kind: 'Endpoints', metadata: withMembers(metadata, { labels, ...(stamped ? { annotations: stamped } : {}) }), subsets }
  return { writes: [{ verb: current ? 'update' : 'create', definition: endpoints, object }] }
}

function labelsOf(owner: Service): Record<string, string> {
  const { [headlessLabel]: _headless, ...labels } = owner.metadata.labels ?? {}
  return withMembers(labels, { [managedByLabel]: manager, ...(isHeadless(owner) ? { [headlessLabel]: '' } : {}) })
}

function withCapacity(annotations: Readonly<Record<string, string>> = {}, isOverCapacity: boolean): Record<string, string> {
  const { [overCapacityAnnotation]: _old, ...others } = annotations
  return isOverCapacity ? { ...others, [overCapacityAnnotation]: 'truncated' } : others
}

function isSameAnnotation({ metadata }: Endpoints, annotations: Readonly<Record<string, string>>): boolean {
  return metadata.annotations?.[overCapacityAnnotation] === annotations[overCapacityAnnotation]
}

/** Equal but for the versions of pods, which older writers noted. */
function isSameList(one: readonly EndpointSubset[] = [], other: readonly EndpointSubset[]): boolean {
  return deepEqual(one, other) || (one.some(hasVersions) && deepEqual(one.map(withoutVersions), other))
}

function hasVersions({ addresses = [], notReadyAddresses = [] }: EndpointSubset): boolean {
  return [addresses, notReadyAddresses].some((each) => each.some(({ targetRef }) => targetRef?.resourceVersion))
}

function withoutVersions({ addresses, notReadyAddresses, ports }: EndpointSubset): EndpointSubset {
  return {
    ...(addresses ? { addresses: addresses.map(withoutVersion) } : {}),
    ...(notReadyAddresses ? { notReadyAddresses: notReadyAddresses.map(withoutVersion) } : {}),
    ...(ports ? { ports } : {}),
  }
}

function withoutVersion({ targetRef, ...address }: EndpointAddress): EndpointAddress {
  if (!targetRef) return address
  const { resourceVersion: _resourceVersion, ...reference } = targetRef
  return { ...address, targetRef: reference }
}

/** For new Endpoints it is the time of the Service's creation. */
function triggerTime(owner: Service, pods: readonly Pod[], current: Endpoints | undefined, subsets: readonly EndpointSubset[]): string | undefined {
  if (!current) return owner.metadata.creationTimestamp
  const [was, is] = [readinessOf(current.subsets), readinessOf(subsets)]
  const changed = [...new Set([...was.keys(), ...is.keys()])].filter((name) => was.get(name) !== is.get(name))
  const concerned = changed.flatMap((name) => podNamed(pods, name) ?? []).map(backendOf)
  const { publishNotReadyAddresses } = owner.spec
  // Where everything is published, Endpoints do not say what is ready.
  return triggerTimeOf(concerned, ({ name, isReady }) => (publishNotReadyAddresses && was.has(name) ? isReady : was.get(name)))
}

/** Whether each pod stands among the ready ones. */
function readinessOf(subsets: readonly EndpointSubset[] = []): Map<string, boolean> {
  const readiness = new Map<string, boolean>()
  for (const { addresses, notReadyAddresses } of subsets) {
    for (const { targetRef } of addresses ?? []) if (targetRef?.name) readiness.set(targetRef.name, true)
    for (const { targetRef } of notReadyAddresses ?? []) if (targetRef?.name) readiness.set(targetRef.name, false)
  }
  return readiness
}
