// What a Pod gets that a template of one does not.
// Upstream: pkg/apis/core/v1/defaults.go SetDefaults_Pod
import { deepEqual, formatQuantity } from '../../machinery/index.js'
import { withMissing } from '../defaults.js'
import type { Container, Pod, PodSpec } from '../shapes/core-v1.js'
import { podLimits, podRequests, type Resources } from './pod-resources.js'

export function defaultPod(pod: Pod): void {
  const { spec } = pod
  fillContainers(spec, withRequests)
  const resources = spec.resources && withPodResources(pod, spec.resources)
  if (!deepEqual(resources, spec.resources)) spec.resources = resources
  spec.enableServiceLinks ??= true
  if (spec.hostNetwork) fillContainers(spec, withHostPorts)
}

/** Containers may be those of the stored pod: what lacks something is replaced. */
function fillContainers(spec: PodSpec, filled: (container: Container) => Container): void {
  for (const name of ['containers', 'initContainers'] as const) {
    const containers = spec[name]
    const next = containers?.map(filled)
    if (next?.some((container, index) => container !== containers?.[index])) spec[name] = next
  }
}

function withRequests(container: Container): Container {
  const { limits, requests } = container.resources ?? {}
  if (!limits || (requests && Object.keys(limits).every((name) => Object.hasOwn(requests, name)))) return container
  return { ...container, resources: { ...container.resources, requests: withMissing(requests, limits) } }
}

function withHostPorts(container: Container): Container {
  if (!container.ports?.some(({ hostPort }) => !hostPort)) return container
  return { ...container, ports: container.ports.map((port) => ({ ...port, hostPort: port.hostPort || port.containerPort })) }
}

const isHugePages = (name: string) => name.startsWith('hugepages-')
const isOfPods = (name: string) => name === 'cpu' || name === 'memory' || isHugePages(name)

/** The pod as a whole asks for what its containers ask for, and at least for its own limits. */
function withPodResources(pod: Pod, own: NonNullable<PodSpec['resources']>): NonNullable<PodSpec['resources']> {
  const resources = { ...own }
  const limits = textsOf(podLimits(pod), isHugePages)
  if (Object.keys(limits).length) resources.limits = { ...limits, ...resources.limits }
  const requests = textsOf(podRequests(pod), isOfPods)
  for (const name in resources.limits) if (isOfPods(name)) requests[name] ??= resources.limits[name]
  if (Object.keys(requests).length) resources.requests = { ...requests, ...resources.requests }
  return resources
}

function textsOf(resources: Resources, isWanted: (name: string) => boolean): Record<string, string> {
  return Object.fromEntries([...resources].filter(([name]) => isWanted(name)).map(([name, quantity]) => [name, formatQuantity(quantity)]))
}
