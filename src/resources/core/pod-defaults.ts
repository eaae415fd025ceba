// What a Pod gets that a template of one does not.
// Upstream: pkg/apis/core/v1/defaults.go SetDefaults_Pod
import { formatQuantity } from '../../machinery/index.js'
import { addMissing } from '../defaults.js'
import type { Container, Pod, PodSpec } from '../shapes/core-v1.js'
import { podLimits, podRequests, type Resources } from './pod-resources.js'

export function defaultPod(pod: Pod): void {
  const { spec } = pod
  for (const { resources } of containersOf(spec)) {
    if (!resources?.limits) continue
    resources.requests ??= {}
    addMissing(resources.requests, resources.limits)
  }
  if (spec.resources) defaultPodResources(pod, spec.resources)
  spec.enableServiceLinks ??= true
  if (spec.hostNetwork) for (const container of containersOf(spec)) useHostPorts(container)
}

function containersOf(spec: PodSpec): Container[] {
  return [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
}

function useHostPorts({ ports }: Container): void {
  for (const port of ports ?? []) port.hostPort ||= port.containerPort
}

const isHugePages = (name: string) => name.startsWith('hugepages-')
const isOfPods = (name: string) => name === 'cpu' || name === 'memory' || isHugePages(name)

/** The pod as a whole asks for what its containers ask for, and at least for its own limits. */
function defaultPodResources(pod: Pod, resources: NonNullable<PodSpec['resources']>): void {
  const limits = textsOf(podLimits(pod), isHugePages)
  if (Object.keys(limits).length) resources.limits = { ...limits, ...resources.limits }
  const requests = textsOf(podRequests(pod), isOfPods)
  for (const name in resources.limits) if (isOfPods(name)) requests[name] ??= resources.limits[name]
  if (Object.keys(requests).length) resources.requests = { ...requests, ...resources.requests }
}

function textsOf(resources: Resources, isWanted: (name: string) => boolean): Record<string, string> {
  return Object.fromEntries([...resources].filter(([name]) => isWanted(name)).map(([name, quantity]) => [name, formatQuantity(quantity)]))
}
