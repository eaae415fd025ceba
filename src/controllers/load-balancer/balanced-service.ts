// Which Services this provider gives load balancers, and which of their changes it takes notice of.
// Upstream: cloud-provider/controllers/service/controller.go wantsLoadBalancer, needsCleanup, needsUpdate
import { deepEqual, defineIndex } from '../../machinery/index.js'
import { type Service, service } from '../../resources/index.js'

/** Keeps a Service until its load balancer is gone. */
export const balancerFinalizer = 'service.kubernetes.io/load-balancer-cleanup'

/** A Service of a class belongs to the controller of that class. */
export function wantsBalancer({ spec }: Service): boolean {
  return spec.type === 'LoadBalancer' && spec.loadBalancerClass === undefined
}

export function isKeptForCleanup({ metadata }: Service): boolean {
  return metadata.finalizers?.includes(balancerFinalizer) ?? false
}

export function needsCleanup(object: Service): boolean {
  return isKeptForCleanup(object) && (object.metadata.deletionTimestamp !== undefined || object.spec.type !== 'LoadBalancer')
}

/** Whether a load balancer made for one state of a Service must be made anew for another. */
export function needsNewBalancer(old: Service, object: Service): boolean {
  return !deepEqual(whatMatters(old), whatMatters(object))
}

function whatMatters({ metadata, spec }: Service) {
  const { type, ports, loadBalancerSourceRanges, sessionAffinity, sessionAffinityConfig, loadBalancerIP, externalIPs, externalTrafficPolicy } = spec
  const fields = { type, ports, loadBalancerSourceRanges, sessionAffinity, sessionAffinityConfig, loadBalancerIP, externalIPs, externalTrafficPolicy }
  const { healthCheckNodePort, loadBalancerClass, ipFamilies = [] } = spec
  return { ...fields, healthCheckNodePort, loadBalancerClass, familyCount: ipFamilies.length, uid: metadata.uid, annotations: metadata.annotations }
}

const waiting = 'waiting'

/** Services whose load balancer is not there yet. */
export const waitingServices = defineIndex<Service>({
  definition: service,
  values: (object) => (wantsBalancer(object) && !object.status.loadBalancer.ingress?.length ? [waiting] : []),
})

export const isWaiting = waiting
