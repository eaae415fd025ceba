// The kubelet's first half: it registers its node, reports that all is well and holds the node's Lease.
// Upstream: pkg/kubelet/kubelet_node_status.go, component-helpers/apimachinery/lease/controller.go
// Differs: there are no heartbeats, so that an idle cluster writes nothing. Nobody counts them for a simulated node: its Ready
// condition stays as it was reported until an annotation says otherwise.
import {
  type Controller,
  deepEqual,
  defineController,
  formatMicroTime,
  keyOf,
  on,
  onSelf,
  type Plan,
  type PlannedEvent,
  type PlannedWrite,
} from '../../machinery/index.js'
import { lease, type Node, type NodeAddress, namespace, node } from '../../resources/index.js'
import { freeMachineAddresses } from '../node/machine-addresses.js'
import { registrationEvent } from '../node/node-registration.js'
import { type NodeScript, readNodeScript } from '../node/node-script.js'
import { defaultAnnotations, defaultLabels, isSimulated } from '../node/simulated-node.js'
import { nodeStatus } from './node-status.js'

const leaseNamespace = 'kube-node-lease'
const leaseDurationSeconds = 40

interface Observed {
  node: Node
  addresses: readonly NodeAddress[]
  lacksLease: boolean
  script: NodeScript
  now: number
}

export const kubeletNodeController: Controller<Observed> = defineController<Observed>({
  name: 'kubelet',
  fieldManager: 'kubelet',
  watches: [
    onSelf(node),
    on(lease, ({ object, deleted }) =>
      deleted && object.metadata.namespace === leaseNamespace ? [{ namespace: '', name: object.metadata.name as string }] : [],
    ),
    // There is room for Leases again.
    on(namespace, ({ object, old, deleted }, snapshot) =>
      object.metadata.name === leaseNamespace && !old && !deleted ? snapshot.list(node).filter(isSimulated).map(keyOf) : [],
    ),
  ],
  observe({ name }, snapshot) {
    const object = snapshot.get(node, { name })
    if (!isSimulated(object) || object.metadata.deletionTimestamp) return undefined
    const script = readNodeScript(object, snapshot.now)
    if (script.does === 'silent') return undefined
    const hasRoom = snapshot.get(namespace, { name: leaseNamespace })?.metadata.deletionTimestamp === undefined
    const lacksLease = hasRoom && !snapshot.get(lease, { namespace: leaseNamespace, name })
    return { node: object, addresses: freeMachineAddresses(object, snapshot), lacksLease, script, now: snapshot.now }
  },
  reconcile({ node: object, addresses, lacksLease, script, now }): Plan {
    const { name = '', resourceVersion } = object.metadata
    const writes: PlannedWrite[] = []
    const missing = missingMetadata(object)
    if (missing) {
      writes.push({ verb: 'patch', definition: node, key: { namespace: '', name }, patch: { metadata: missing }, type: 'strategic' })
    }
    const status = nodeStatus(object, { addresses, script, now })
    if (!deepEqual(status, object.status)) {
      const patch = { metadata: missing ? {} : { resourceVersion }, status }
      writes.push({ verb: 'patch', definition: node, key: { namespace: '', name }, patch, type: 'merge', subresource: 'status' })
      writes.push(...eventsOf(object, status).map((event) => ({ verb: 'event' as const, event })))
    }
    if (lacksLease) writes.push({ verb: 'create', definition: lease, object: leaseOf(object, now) })
    const wait = script.due === undefined ? {} : { requeueAfterMillis: script.due - now }
    return { writes, ...wait, username: `system:node:${name}` }
  },
})

/** What every node is marked with, as far as it is not. Differs: the time to live is always 0, and not a controller's of its own. */
function missingMetadata({ metadata: { name = '', labels = {}, annotations = {} } }: Node): Record<string, Record<string, string>> | undefined {
  const absent = (wanted: Record<string, string>, present: Record<string, string>) => Object.entries(wanted).filter(([key]) => present[key] === undefined)
  const missing = { labels: absent(defaultLabels(name), labels), annotations: absent(defaultAnnotations, annotations) }
  const parts = Object.entries(missing).filter(([, entries]) => entries.length)
  return parts.length ? Object.fromEntries(parts.map(([part, entries]) => [part, Object.fromEntries(entries)])) : undefined
}

export function leaseOf({ metadata: { name = '', uid = '' } }: Node, now: number) {
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name, uid }]
  return {
    metadata: { name, namespace: leaseNamespace, ownerReferences },
    spec: { holderIdentity: name, leaseDurationSeconds, renewTime: formatMicroTime(now) },
  }
}

export function eventsOf(object: Node, status: Node['status']): PlannedEvent[] {
  const { name = '' } = object.metadata
  const before = object.status
  const readiness = ({ conditions }: Node['status']) => conditions?.find(({ type }) => type === 'Ready')?.status
  const tell = (reason: string, message: string): PlannedEvent => ({
    regarding: { kind: 'Node', apiVersion: 'v1', name },
    type: 'Normal',
    reason,
    message,
    component: 'kubelet',
    host: name,
  })
  const isNew = readiness(before) === undefined
  const sound = ['NodeHasSufficientMemory', 'NodeHasNoDiskPressure', 'NodeHasSufficientPID'].map((each) => tell(each, `Node ${name} status is now: ${each}`))
  const events = isNew ? [tell('Starting', 'Starting kubelet.'), ...sound, registrationEvent(object)] : []
  if (readiness(before) === readiness(status)) return events
  const reason = readiness(status) === 'True' ? 'NodeReady' : 'NodeNotReady'
  return [...events, tell(reason, `Node ${name} status is now: ${reason}`)]
}
