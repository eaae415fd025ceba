// Membership: which Services a change of a pod concerns.
// Upstream: endpointslice/util/controller_utils.go GetPodUpdateProjectionKey, GetServicesToUpdate, podEndpointsChanged
import { type Change, deepEqual, keyOf, type Labels, matchesMap, type ObjectKey, on, type Snapshot } from '../../machinery/index.js'
import { type Pod, pod, type Service, service } from '../../resources/index.js'
import { type Backend, backendOf } from './backend.js'

/** A Service whose endpoints are worked out from its selector; those of all others belong to somebody else. */
export function hasManagedEndpoints({ spec }: Service): boolean {
  return spec.type !== 'ExternalName' && spec.selector !== undefined
}

/**
 * Wakes the Services whose endpoints a pod's change may alter.
 * Differs: upstream also wakes them for pods without an address, which changes nothing, and not for a pod that finishes
 * while still ready, which would make the outcome depend on the order of events.
 */
export const onBackends = on(pod, concernedServices)

function concernedServices({ object, old, deleted }: Change<Pod>, snapshot: Snapshot): ObjectKey[] {
  const before = deleted ? backendOf(object) : old && backendOf(old)
  const after = deleted ? undefined : backendOf(object)
  if (!before?.isEligible && !after?.isEligible) return []
  const isChanged = !before || !after || isOtherEndpoint(before, after)
  const labels = object.metadata.labels
  const oldLabels = before?.pod.metadata.labels
  if (!before || deepEqual(labels, oldLabels)) return isChanged ? keysSelecting(object, snapshot, (matches) => matches(labels)) : []
  // Services that the pod stays with see no difference in its labels.
  return keysSelecting(object, snapshot, (matches) => (isChanged ? matches(labels) || matches(oldLabels) : matches(labels) !== matches(oldLabels)))
}

function isOtherEndpoint(before: Backend, after: Backend): boolean {
  const [old, now] = [before.pod, after.pod]
  return (
    before.isEligible !== after.isEligible ||
    before.isReady !== after.isReady ||
    before.isTerminating !== after.isTerminating ||
    old.metadata.uid !== now.metadata.uid ||
    old.spec.nodeName !== now.spec.nodeName ||
    old.spec.hostname !== now.spec.hostname ||
    old.spec.subdomain !== now.spec.subdomain ||
    !deepEqual(before.addresses, after.addresses)
  )
}

type Matches = (labels: Labels | undefined) => boolean

function keysSelecting({ metadata: { namespace } }: Pod, snapshot: Snapshot, isWanted: (matches: Matches) => boolean): ObjectKey[] {
  return snapshot
    .list(service, { namespace })
    .filter((each) => hasManagedEndpoints(each) && isWanted((labels) => matchesMap(each.spec.selector, labels)))
    .map(keyOf)
}
