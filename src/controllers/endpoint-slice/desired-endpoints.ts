// DesiredEndpoints: the backends of a Service that shall stand in slices of one family and one set of ports, in order of
// their names. Each leaves the set as it finds its place. Endpoints are made for what changes only.
// Upstream: endpointslice/utils.go podToEndpoint; endpointslice/util/endpointset.go, EndpointsEqualBeyondHash
import type { IPFamily } from '../../machinery/index.js'
import type { Endpoint, Service } from '../../resources/index.js'
import { type Backend, hostnameIn } from '../service-backends/backend.js'

export interface EndpointContext {
  readonly service: Service
  readonly family: IPFamily
  /** Zone of the node a backend runs on. */
  zoneOf(backend: Backend): string | undefined
}

export class DesiredEndpoints {
  readonly #context: EndpointContext
  readonly #waiting = new Map<string, Backend>()
  // One iterator for all: each new one would walk over what is gone.
  readonly #inOrder = this.#waiting.values()

  constructor(context: EndpointContext) {
    this.#context = context
  }

  get size(): number {
    return this.#waiting.size
  }

  add(backend: Backend): void {
    this.#waiting.set(backend.name, backend)
  }

  /**
   * The desired form of an endpoint that stands in a slice, which takes it out of the set.
   * @returns the endpoint given when it is as it should be, or nothing when it is not desired
   */
  claim(endpoint: Endpoint): Endpoint | undefined {
    const backend = this.#waiting.get(endpoint.targetRef?.name ?? '')
    if (!backend || !isSameEndpoint(endpoint, backend, this.#context)) return undefined
    this.#waiting.delete(backend.name)
    return isCurrent(endpoint, backend, this.#context) ? endpoint : endpointOf(backend, this.#context)
  }

  /** The next endpoint without a place, which takes it out of the set. */
  take(): Endpoint | undefined {
    const { value: backend } = this.#inOrder.next()
    if (!backend) return undefined
    this.#waiting.delete(backend.name)
    return endpointOf(backend, this.#context)
  }
}

export function endpointOf(backend: Backend, context: EndpointContext): Endpoint {
  const { metadata, spec } = backend.pod
  const zone = context.zoneOf(backend)
  const hostname = hostnameIn(context.service, backend)
  return {
    addresses: [...backend.addresses[context.family]],
    conditions: conditionsOf(context.service, backend),
    ...(hostname ? { hostname } : {}),
    targetRef: { kind: 'Pod', namespace: metadata.namespace, name: metadata.name, uid: metadata.uid },
    ...(spec.nodeName ? { nodeName: spec.nodeName } : {}),
    ...(zone ? { zone } : {}),
  }
}

/** A terminating pod is never ready, unless those that are not ready count too. */
function conditionsOf({ spec }: Service, { isReady, isTerminating }: Backend) {
  return { ready: isPublished(spec) || (isReady && !isTerminating), serving: isReady, terminating: isTerminating }
}

const isPublished = ({ publishNotReadyAddresses }: Service['spec']) => publishNotReadyAddresses === true

/** Identity: addresses, hostname, and namespace and name of the pod. */
function isSameEndpoint({ addresses, hostname, targetRef }: Endpoint, backend: Backend, { service, family }: EndpointContext): boolean {
  return (
    targetRef?.namespace === backend.pod.metadata.namespace &&
    (hostname ?? '') === (hostnameIn(service, backend) ?? '') &&
    haveSameMembers(addresses ?? [], backend.addresses[family])
  )
}

function haveSameMembers(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false
  if (one.length === 1) return one[0] === other[0]
  const sorted = [...other].sort()
  return [...one].sort().every((each, index) => each === sorted[index])
}

/** Whether an endpoint says of its backend what is true now. Hints are another's business. */
function isCurrent({ conditions, nodeName, zone, targetRef }: Endpoint, backend: Backend, context: EndpointContext): boolean {
  const wanted = conditionsOf(context.service, backend)
  return (
    conditions.ready === wanted.ready &&
    conditions.serving === wanted.serving &&
    conditions.terminating === wanted.terminating &&
    (nodeName ?? '') === (backend.pod.spec.nodeName ?? '') &&
    (zone ?? '') === (context.zoneOf(backend) ?? '') &&
    targetRef?.kind === 'Pod' &&
    targetRef.uid === backend.pod.metadata.uid &&
    targetRef.apiVersion === undefined &&
    targetRef.fieldPath === undefined
  )
}
