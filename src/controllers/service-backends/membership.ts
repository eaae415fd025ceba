// Membership: which Services a change of a pod concerns.
// Upstream: endpointslice/util/controller_utils.go GetPodUpdateProjectionKey, GetServicesToUpdate, podEndpointsChanged
import { type Change, deepEqual, keyOf, type ObjectKey, on, type Snapshot } from '../../machinery/index.js'
import { type Pod, pod } from '../../resources/index.js'
import { type Backend, backendOf } from './backend.js'
import { servicesSelecting } from './indexes.js'

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
  const keysOf = (state: Backend) => servicesSelecting(state.pod.metadata, snapshot).map(keyOf)
  if (!before || !after) return keysOf(before ?? (after as Backend))
  const isChanged = isOtherEndpoint(before, after)
  if (deepEqual(before.pod.metadata.labels, after.pod.metadata.labels)) return isChanged ? keysOf(after) : []
  const [left, joined] = [keysOf(before), keysOf(after)]
  const isIn = (keys: readonly ObjectKey[], { name }: ObjectKey) => keys.some((key) => key.name === name)
  // Services that the pod stays with see no difference in its labels.
  const others = isChanged ? left : left.filter((key) => !isIn(joined, key))
  return [...others, ...joined.filter((key) => !isIn(left, key))]
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
