// The quality of service class of a pod: how well it is protected when a node runs short.
// Upstream: pkg/apis/core/helper/qos/qos.go ComputePodQOS
import type { Pod, ResourceRequirements } from '../shapes/core-v1.js'
import { addResources, type Resources, readResources } from './pod-resources.js'

export type QOSClass = 'BestEffort' | 'Burstable' | 'Guaranteed'

const compute = ['cpu', 'memory']

/** Counts cpu and memory of containers and init containers, or what the pod itself says when it does. */
export function qosClassOf({ spec }: Pod): QOSClass {
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
  const counted: ResourceRequirements[] = spec.resources ? [spec.resources] : containers.map(({ resources }) => resources)
  // The common pod asks for nothing.
  if (!counted.some(({ requests, limits }) => requests || limits)) return 'BestEffort'
  const requests: Resources = new Map()
  const limits: Resources = new Map()
  let isLimited = true
  for (const resources of counted) {
    addResources(requests, positive(resources.requests))
    const own = positive(resources.limits)
    addResources(limits, own)
    isLimited &&= compute.every((name) => own.has(name))
  }
  if (requests.size === 0 && limits.size === 0) return 'BestEffort'
  const isMet = [...requests].every(([name, { nanos }]) => limits.get(name)?.nanos === nanos)
  return isLimited && isMet && requests.size === limits.size ? 'Guaranteed' : 'Burstable'
}

function positive(texts: Record<string, string> | undefined): Resources {
  const resources = readResources(texts)
  for (const [name, { nanos }] of resources) if (!compute.includes(name) || nanos <= 0n) resources.delete(name)
  return resources
}
