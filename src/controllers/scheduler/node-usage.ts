// What the pods of a node take of it. Remembered by the list of pods, which is the same until one of them changes; then by what changed.
// Upstream: pkg/scheduler/framework/types.go NodeInfo
import { addResources, type Node, type Pod, podRequests, type Resources, readResources } from '../../resources/index.js'
import { isTerminal } from '../pod-indexes.js'
import { podChanges } from '../service-backends/pod-changes.js'
import { step } from './counts.js'

export interface NodeUsage {
  pods: number
  /** Of the least important pod; infinite when there is none. */
  leastPriority: number
  requested: Resources
  /** Thousandths of a processor and bytes, counting something for pods that ask for nothing. */
  cpu: number
  memory: number
  hostPorts: readonly HostPort[]
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
  #pods: readonly Pod[] = []
  readonly #usage = new Taken()

  constructor(node: Node) {
    this.node = node
    this.name = node.metadata.name as string
    this.allocatable = allocatableOf(node)
  }

  /** Until the next look: then it goes on changing. */
  usage(pods: readonly Pod[]): NodeUsage {
    if (pods === this.#pods) return this.#usage
    for (const { old, pod } of podChanges(this.#pods, pods)) {
      if (old) this.#usage.count(old, -1)
      if (pod) this.#usage.count(pod, 1)
    }
    this.#pods = pods
    return this.#usage
  }
}

/** A sum that pods are added to and taken from. */
class Taken implements NodeUsage {
  pods = 0
  cpu = 0
  memory = 0
  readonly requested: Resources = new Map()
  readonly #priorities = new Map<number, number>()
  readonly #portsOf = new Map<string, readonly HostPort[]>()

  count(pod: Pod, by: 1 | -1): void {
    if (isTerminal(pod)) return
    const { requests, cpu, memory, hostPorts } = demandOf(pod)
    this.pods += by
    this.cpu += by * cpu
    this.memory += by * memory
    for (const [name, quantity] of requests) {
      const present = this.requested.get(name)?.nanos ?? 0n
      this.requested.set(name, { ...quantity, nanos: by > 0 ? present + quantity.nanos : present - quantity.nanos })
    }
    step(this.#priorities, pod.spec.priority ?? 0, by)
    if (!hostPorts.length) return
    const path = `${pod.metadata.namespace}/${pod.metadata.name}`
    if (by > 0) this.#portsOf.set(path, hostPorts)
    else this.#portsOf.delete(path)
  }

  get leastPriority(): number {
    return Math.min(...this.#priorities.keys())
  }

  get hostPorts(): readonly HostPort[] {
    return [...this.#portsOf.values()].flat()
  }
}

export function usageOf(pods: readonly Pod[]): NodeUsage {
  const known = usages.get(pods)
  if (known) return known
  const usage = new Taken()
  for (const pod of pods) usage.count(pod, 1)
  usages.set(pods, usage)
  return usage
}

const usages = new WeakMap<readonly Pod[], NodeUsage>()

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

/** Follows from the spec, which a pod keeps while its status changes. */
export function demandOf(pod: Pod): PodDemand {
  const known = demands.get(pod.spec)
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
  demands.set(pod.spec, demand)
  return demand
}

const demands = new WeakMap<Pod['spec'], PodDemand>()

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
