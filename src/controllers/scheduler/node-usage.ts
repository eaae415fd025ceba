// What the pods of a node take of it. Remembered by the list of pods, which is the same until one of them changes.
// Upstream: pkg/scheduler/framework/types.go NodeInfo
import { addResources, type Node, type Pod, podRequests, type Resources, readResources } from '../../resources/index.js'
import { isTerminal } from '../pod-indexes.js'
import { familyOf } from './pod-family.js'

export interface NodeUsage {
  pods: number
  /** Of the least important pod; infinite when there is none. */
  leastPriority: number
  requested: Resources
  /** Thousandths of a processor and bytes, counting something for pods that ask for nothing. */
  cpu: number
  memory: number
  hostPorts: readonly HostPort[]
  /** How many pods of a family there are. */
  families: ReadonlyMap<string, number>
}

export interface HostPort {
  ip: string
  protocol: string
  port: number
}

/** A node as it is asked again and again: what it has, and what its pods took of it at the last look. */
export class NodeInfo {
  readonly node: Node
  readonly name: string
  readonly allocatable: Allocatable
  #pods: readonly Pod[] | undefined
  #usage: NodeUsage | undefined

  constructor(node: Node) {
    this.node = node
    this.name = node.metadata.name as string
    this.allocatable = allocatableOf(node)
  }

  usage(pods: readonly Pod[]): NodeUsage {
    if (pods !== this.#pods || !this.#usage) [this.#pods, this.#usage] = [pods, usageOf(pods)]
    return this.#usage
  }
}

export function usageOf(pods: readonly Pod[]): NodeUsage {
  const known = usages.get(pods)
  if (known) return known
  const usage = measure(pods.filter((pod) => !isTerminal(pod)))
  usages.set(pods, usage)
  return usage
}

const usages = new WeakMap<readonly Pod[], NodeUsage>()

function measure(pods: readonly Pod[]): NodeUsage {
  const requested: Resources = new Map()
  const families = new Map<string, number>()
  let [cpu, memory] = [0, 0]
  for (const pod of pods) {
    const demand = demandOf(pod)
    addResources(requested, demand.requests)
    cpu += demand.cpu
    memory += demand.memory
    const family = familyOf(pod)
    families.set(family, (families.get(family) ?? 0) + 1)
  }
  const leastPriority = Math.min(...pods.map(({ spec }) => spec.priority ?? 0))
  return { pods: pods.length, leastPriority, requested, cpu, memory, hostPorts: pods.flatMap((pod) => demandOf(pod).hostPorts), families }
}

export interface PodDemand {
  requests: Resources
  cpu: number
  memory: number
  hostPorts: readonly HostPort[]
}

// Upstream: pkg/scheduler/util/pod_resources.go
const cpuMilliDefault = 100
const memoryDefault = 200 * 1024 * 1024
const milli = 1_000_000n
const unit = 1_000_000_000n

export function demandOf(pod: Pod): PodDemand {
  const known = demands.get(pod)
  if (known) return known
  const requests = podRequests(pod)
  addResources(requests, readResources(pod.spec.overhead))
  const cpu = requests.get('cpu')
  const memory = requests.get('memory')
  const demand = {
    requests,
    cpu: cpu ? Number(cpu.nanos / milli) : cpuMilliDefault,
    memory: memory ? Number(memory.nanos / unit) : memoryDefault,
    hostPorts: hostPortsOf(pod),
  }
  demands.set(pod, demand)
  return demand
}

const demands = new WeakMap<Pod, PodDemand>()

function hostPortsOf({ spec }: Pod): HostPort[] {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  return [...sidecars, ...(spec.containers ?? [])].flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort, hostIP, protocol }) => (hostPort ? [{ ip: hostIP || anyAddress, protocol: protocol ?? 'TCP', port: hostPort }] : [])),
  )
}

const anyAddress = '0.0.0.0'

export function portsConflict(one: HostPort, other: HostPort): boolean {
  if (one.port !== other.port || one.protocol !== other.protocol) return false
  return one.ip === other.ip || one.ip === anyAddress || other.ip === anyAddress
}

/** What a node has to give. */
export interface Allocatable {
  resources: Resources
  pods: number
  /** Thousandths of a processor and bytes. */
  cpu: number
  memory: number
}

function allocatableOf(node: Node): Allocatable {
  const known = allocatables.get(node)
  if (known) return known
  const resources = readResources(node.status.allocatable)
  const amount = (name: string, of: bigint) => Number((resources.get(name)?.nanos ?? 0n) / of)
  const allocatable = { resources, pods: amount('pods', unit), cpu: amount('cpu', milli), memory: amount('memory', unit) }
  allocatables.set(node, allocatable)
  return allocatable
}

const allocatables = new WeakMap<Node, Allocatable>()

export const nanosOf = (resources: Resources, name: string): bigint => resources.get(name)?.nanos ?? 0n
