// The load balancer provider: a cloud in a few lines. A Service of type LoadBalancer gets an address from a pool, after a delay
// if so told, and gives it back when it goes or changes its type.
// Upstream: cloud-provider/controllers/service/controller.go syncLoadBalancerIfNeeded, processServiceCreateOrUpdate
// Differs: a Service that waits for an address gets the next one that is given back at once; nodes that come and go make no
// new hosts; a status that somebody changed is corrected.
import {
  type Change,
  type Controller,
  deepEqual,
  defineController,
  defineIndex,
  keyOf,
  type ObjectKey,
  on,
  type Plan,
  type PlannedWrite,
  type Snapshot,
} from '../../machinery/index.js'
import { type LoadBalancerIngress, type Node, node, type Service, service } from '../../resources/index.js'
import { balancerFinalizer, isKeptForCleanup, isWaiting, needsCleanup, needsNewBalancer, waitingServices, wantsBalancer } from './balanced-service.js'
import { defaultBalancerRange, type Offer, offerTo, parseBalancerPool } from './balancer-pool.js'
import { readBalancerScript } from './balancer-script.js'

export interface LoadBalancerOptions {
  /** One network, or one of each family with a comma between. */
  loadBalancerIPRange?: string
  /** How long a load balancer takes to make when its Service does not say. */
  loadBalancerDelayMillis?: number
}

interface Observed {
  key: ObjectKey
  /** Absent when it is gone, or never was for this provider. */
  service?: Service
  offer: Offer
  hasNodes: boolean
  /** Milliseconds since the epoch. */
  now: number
}

/** What the cloud knows of one load balancer. It is gone after a restart, when what stands is taken as made. */
interface Attempt {
  /** The Service as it was last seen. */
  service: Service
  /** Milliseconds since the epoch. */
  begun: number
  outcome: 'open' | 'made' | 'failed'
  problem?: string
  failures: number
}

const component = 'service-controller'
// Upstream: minRetryDelay, maxRetryDelay
const retryMillis = { least: 5000, most: 300_000 }
const excludedLabel = 'node.kubernetes.io/exclude-from-external-load-balancers'
const leavingTaint = 'ToBeDeletedByClusterAutoscaler'

/** @throws when the range is none */
export function loadBalancerController({
  loadBalancerIPRange = defaultBalancerRange,
  loadBalancerDelayMillis = 0,
}: LoadBalancerOptions = {}): Controller<Observed> {
  const parsed = parseBalancerPool(loadBalancerIPRange)
  if ('problem' in parsed) throw new Error(parsed.problem)
  const cloud = new Cloud(loadBalancerDelayMillis)
  return defineController<Observed>({
    name: 'service-lb-controller',
    username: 'system:serviceaccount:kube-system:service-controller',
    fieldManager: 'cloud-controller-manager',
    watches: [on(service, concernedServices)],
    observe(key, snapshot) {
      const object = snapshot.get(service, key)
      const isOurs = object && (wantsBalancer(object) || needsCleanup(object))
      if (!isOurs) return { key, offer: { ingress: [] }, hasNodes: true, now: snapshot.now }
      return { key, service: object, offer: offerTo(object, parsed.pool, snapshot), hasNodes: snapshot.find(hosts, '').length > 0, now: snapshot.now }
    },
    reconcile: (observed) => cloud.sync(observed),
  })
}

const hosts = defineIndex<Node>({ definition: node, values: (object) => (canBeHost(object) ? [''] : []) })

function canBeHost({ metadata, spec }: Node): boolean {
  const isExcluded = metadata.labels?.[excludedLabel] !== undefined && metadata.labels[excludedLabel] !== 'false'
  return !metadata.deletionTimestamp && !isExcluded && !(spec.taints ?? []).some(({ key }) => key === leavingTaint)
}

/** A Service itself; and when it gives back an address, all that wait for one. */
function concernedServices({ object, old, deleted }: Change<Service>, snapshot: Snapshot): ObjectKey[] {
  const [before, after] = [ingressOf(old), deleted ? [] : ingressOf(object)]
  const isConcerned = deleted || !old || needsNewBalancer(old, object) || needsCleanup(object) || !deepEqual(before, after)
  const released = (deleted ? ingressOf(object) : before).some(({ ip }) => !after.some((other) => other.ip === ip))
  const others = released ? snapshot.find(waitingServices, isWaiting).map(keyOf) : []
  return isConcerned ? [keyOf(object), ...others] : others
}

function ingressOf(object: Service | undefined): readonly LoadBalancerIngress[] {
  return object?.status.loadBalancer.ingress ?? []
}

class Cloud {
  readonly #delayMillis: number
  readonly #attempts = new Map<string, Attempt>()

  constructor(delayMillis: number) {
    this.#delayMillis = delayMillis
  }

  sync(observed: Observed): Plan {
    const { key, service: object } = observed
    const id = `${key.namespace}/${key.name}`
    if (object && !needsCleanup(object)) return object.metadata.deletionTimestamp ? { writes: [] } : this.#ensure(id, object, observed)
    const attempt = this.#attempts.get(id)
    this.#attempts.delete(id)
    return { writes: object ? cleanup(object, !attempt || attempt.outcome === 'made') : [] }
  }

  #ensure(id: string, object: Service, observed: Observed): Plan {
    const { now, offer } = observed
    const { delayMillis = this.#delayMillis, isPending } = readBalancerScript(object)
    const { attempt, isNew } = this.#attemptFor(id, object, offer, now)
    const writes: PlannedWrite[] = []
    if (isNew) writes.push(eventAbout(object, 'Normal', 'EnsuringLoadBalancer', 'Ensuring load balancer'))
    if (!isKeptForCleanup(object)) writes.push(statusPatch(object, 'strategic', { metadata: { finalizers: [balancerFinalizer] } }))
    if (isPending && attempt.outcome === 'open') return { writes }
    const due = attempt.outcome === 'failed' ? retryTime(attempt) : attempt.begun + delayMillis
    if (attempt.outcome !== 'made' && now < due) return { writes, requeueAfterMillis: due - now }
    if ('problem' in offer) return fail(object, attempt, offer.problem, observed, writes)
    if (attempt.outcome !== 'made') {
      if (!observed.hasNodes) writes.push(eventAbout(object, 'Warning', 'UnAvailableLoadBalancer', 'There are no available nodes for LoadBalancer'))
      writes.push(eventAbout(object, 'Normal', 'EnsuredLoadBalancer', 'Ensured load balancer'))
      Object.assign(attempt, { outcome: 'made', failures: 0, problem: undefined })
    }
    if (!deepEqual(ingressOf(object), offer.ingress)) writes.push(statusPatch(object, 'merge', { status: { loadBalancer: { ingress: offer.ingress } } }))
    return { writes }
  }

  /** The attempt that is on its way, or a new one when the Service wants something else, or it is time to try again. */
  #attemptFor(id: string, object: Service, offer: Offer, now: number): { attempt: Attempt; isNew: boolean } {
    const known = this.#attempts.get(id) ?? adopted(object, now)
    const problem = 'problem' in offer ? offer.problem : undefined
    const isOver = known?.outcome === 'failed' && (now >= retryTime(known) || problem !== known.problem)
    if (known && !isOver && !needsNewBalancer(known.service, object)) {
      known.service = object
      this.#attempts.set(id, known)
      return { attempt: known, isNew: false }
    }
    const attempt: Attempt = { service: object, begun: now, outcome: 'open', failures: isOver ? known.failures : 0 }
    this.#attempts.set(id, attempt)
    return { attempt, isNew: true }
  }
}

/** A load balancer that stands and nobody remembers. */
function adopted(object: Service, now: number): Attempt | undefined {
  return isKeptForCleanup(object) && ingressOf(object).length ? { service: object, begun: now, outcome: 'made', failures: 0 } : undefined
}

function retryTime({ begun, failures }: Attempt): number {
  return begun + Math.min(retryMillis.least * 2 ** (failures - 1), retryMillis.most)
}

function fail(object: Service, attempt: Attempt, problem: string, { now }: Observed, writes: PlannedWrite[]): Plan {
  Object.assign(attempt, { outcome: 'failed', problem, failures: attempt.failures + 1, begun: now })
  const message = `Error syncing load balancer: failed to ensure load balancer: ${problem}`
  return { writes: [...writes, eventAbout(object, 'Warning', 'SyncLoadBalancerFailed', message)], requeueAfterMillis: retryTime(attempt) - now }
}

/** @param isMade there is something to delete */
function cleanup(object: Service, isMade: boolean): PlannedWrite[] {
  const isGoing = object.metadata.deletionTimestamp !== undefined && object.metadata.finalizers?.length === 1
  return [
    ...(isMade ? [eventAbout(object, 'Normal', 'DeletingLoadBalancer', 'Deleting load balancer')] : []),
    ...(ingressOf(object).length && !isGoing ? [statusPatch(object, 'merge', { status: { loadBalancer: { ingress: null } } })] : []),
    statusPatch(object, 'strategic', { metadata: { '$deleteFromPrimitiveList/finalizers': [balancerFinalizer] } }),
    eventAbout(object, 'Normal', 'DeletedLoadBalancer', 'Deleted load balancer'),
  ]
}

function statusPatch(object: Service, type: 'merge' | 'strategic', patch: Record<string, unknown>): PlannedWrite {
  return { verb: 'patch', definition: service, key: keyOf(object), patch, type, subresource: 'status' }
}

function eventAbout({ metadata }: Service, type: 'Normal' | 'Warning', reason: string, message: string): PlannedWrite {
  const { namespace, name = '', uid, resourceVersion } = metadata
  return { verb: 'event', event: { regarding: { apiVersion: 'v1', kind: 'Service', namespace, name, uid, resourceVersion }, type, reason, message, component } }
}
