// Ports of endpoints: what the ports of a Service are on each pod behind it.
// Upstream: endpointslice/utils.go getEndpointPorts, FindPort
import type { Container, Pod, Service, ServicePort } from '../../resources/index.js'

export interface EndpointPort {
  /** May be empty. */
  name: string
  protocol: string
  port: number
  appProtocol?: string
}

/** The ports of some pods, and a text that two sets share when they are the same. */
export interface PortSet {
  readonly key: string
  /** In order of name, protocol and number. */
  readonly ports: readonly EndpointPort[]
}

/** The set of these ports, in whatever order they come. */
export function portSetOf(given: readonly { name?: string; protocol?: string; port?: number; appProtocol?: string }[] | null | undefined): PortSet {
  const keyed = (given ?? []).map((port) => ({ port, key: JSON.stringify([port.name ?? '', port.protocol ?? '', port.port ?? 0, port.appProtocol ?? null]) }))
  keyed.sort((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0))
  return { key: keyed.map(({ key }) => key).join(), ports: keyed.map(({ port }) => endpointPort(port)) }
}

function endpointPort({
  name = '',
  protocol = '',
  port = 0,
  appProtocol,
}: {
  name?: string
  protocol?: string
  port?: number
  appProtocol?: string
}): EndpointPort {
  return { name, protocol, port, ...(appProtocol === undefined ? {} : { appProtocol }) }
}

/** Resolves the ports of a Service for one pod after another; equal sets are the same object. Named ports a pod lacks are left out. */
export function portResolver({ spec }: Service): (pod: Pod) => PortSet {
  const servicePorts = spec.ports ?? []
  if (servicePorts.every(({ targetPort }) => typeof targetPort === 'number')) {
    const fixed = portSetOf(servicePorts.flatMap((port) => resolved(port, port.targetPort as number) ?? []))
    return () => fixed
  }
  const sets = new Map<string, PortSet>()
  return (pod) => {
    const numbers = servicePorts.map((port) => targetPortOn(pod, port))
    const key = numbers.join()
    const set = sets.get(key) ?? portSetOf(servicePorts.flatMap((port, index) => resolved(port, numbers[index]) ?? []))
    sets.set(key, set)
    return set
  }
}

function resolved({ name, protocol = 'TCP', appProtocol }: ServicePort, port: number | undefined): EndpointPort | undefined {
  return port === undefined ? undefined : endpointPort({ name, protocol, port, appProtocol })
}

/** The number of a Service's target port on this pod. A name is looked up among its containers, and its sidecars after them. */
function targetPortOn({ spec }: Pod, { targetPort, protocol = 'TCP' }: ServicePort): number | undefined {
  if (typeof targetPort === 'number') return targetPort
  return namedPort(spec.containers, targetPort, protocol) ?? namedPort(spec.initContainers?.filter(isSidecar), targetPort, protocol)
}

const isSidecar = ({ restartPolicy }: Container) => restartPolicy === 'Always'

function namedPort(containers: readonly Container[] | null | undefined, name: string, protocol: string): number | undefined {
  for (const { ports } of containers ?? []) {
    for (const port of ports ?? []) if (port.name === name && (port.protocol ?? 'TCP') === protocol) return port.containerPort
  }
  return undefined
}
