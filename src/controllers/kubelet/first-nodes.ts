// The simulated nodes a cluster is born with, as they stand once their kubelets have started: what those would write one by one is
// written down at once, since a large cluster has thousands of them.
import { formatTime, type KubeObject } from '../../machinery/index.js'
import type { Node } from '../../resources/index.js'
import { machineAddress, machineFamilies } from '../node/machine-addresses.js'
import { eventsOf, leaseOf } from './kubelet-node.js'
import { nodeStatus } from './node-status.js'

/** @param number of the machine among those that have no address yet: each gets its own; @param now milliseconds since the epoch */
export function reportedNode(node: Node, number: number, now: number): Node {
  const addresses = machineFamilies(node).map((family) => ({ type: 'InternalIP', address: machineAddress(family, number) }))
  return { ...node, status: nodeStatus(node, { addresses, script: { does: 'serving' }, now }) }
}

/** The Lease of such a node, and what its start is told by. @param node with its uid; @param now milliseconds since the epoch */
export function startOf(node: Node, now: number): { lease: KubeObject; events: KubeObject[] } {
  const told = eventsOf({ ...node, status: { ...node.status, conditions: undefined } }, node.status)
  // Just before whatever is told from now on: no two events of a node have the same name.
  const firstNanos = BigInt(now) * 1_000_000n - BigInt(told.length)
  const time = formatTime(now)
  const events = told.map(({ regarding, type, reason, message, component, host = '' }, index) => ({
    kind: 'Event',
    apiVersion: 'v1',
    metadata: { name: `${node.metadata.name}.${(firstNanos + BigInt(index)).toString(16)}`, namespace: 'default' },
    involvedObject: regarding,
    reason,
    message,
    source: { component, ...(host ? { host } : {}) },
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
    type,
    reportingComponent: component,
    reportingInstance: host,
  }))
  return { lease: { kind: 'Lease', apiVersion: 'coordination.k8s.io/v1', ...leaseOf(node, now) }, events }
}
