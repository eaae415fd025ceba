// The EndpointSlice controller: keeps the slices of every Service with a selector in step with the pods behind it.
// Upstream: pkg/controller/endpointslice/endpointslice_controller.go
import { type Change, type Controller, defineController, keyOf, type ObjectKey, on, onSelf, type Snapshot } from '../../machinery/index.js'
import { type EndpointSlice, endpointSlice, type Node, node, service } from '../../resources/index.js'
import { hasManagedEndpoints } from '../service-backends/indexes.js'
import { onBackends } from '../service-backends/membership.js'
import { type ObservedService, observeService } from './observed-service.js'
import { reconcileSlices } from './reconcile-slices.js'
import { ownersOfSlice, sliceManager } from './service-slice.js'
import { hintModeOf } from './traffic-distribution.js'
import { isNodeReady, zoneLabel } from './zone-allocation.js'

export interface EndpointSliceOptions {
  /** 1 to 1000. */
  maxEndpointsPerSlice: number
}

export function endpointSliceController({ maxEndpointsPerSlice }: EndpointSliceOptions): Controller<ObservedService> {
  return defineController({
    name: 'endpointslice-controller',
    fieldManager: 'kube-controller-manager',
    watches: [
      onSelf(service),
      onBackends,
      on(endpointSlice, (change: Change<EndpointSlice>) => ownersOfSlice(change, sliceManager)),
      on(node, servicesSpreadOverZones),
    ],
    observe: observeService,
    reconcile: (observed) => reconcileSlices(observed, { endpointsPerSliceMax: maxEndpointsPerSlice }),
  })
}

/**
 * A zone's share of the CPUs moves hints.
 * Differs: upstream wakes only those Services that are overloaded now; here the others look too, and find nothing to do.
 */
function servicesSpreadOverZones({ object, old, deleted }: Change<Node>, snapshot: Snapshot): ObjectKey[] {
  if (old && !deleted && isNodeReady(old) === isNodeReady(object) && zoneOf(old) === zoneOf(object)) return []
  return snapshot
    .list(service)
    .filter((each) => hintModeOf(each) === 'auto' && hasManagedEndpoints(each))
    .map(keyOf)
}

const zoneOf = ({ metadata }: Node) => metadata.labels?.[zoneLabel]
