// What the kubelet of a simulated node reports: a large, healthy machine.
// Upstream: pkg/kubelet/nodestatus/setters.go
import { formatTime, hexDigest, kubernetesVersion } from '../../machinery/index.js'
import type { Node, NodeAddress, NodeCondition, NodeStatus } from '../../resources/index.js'
import { type NodeScript, readyAnnotation } from '../node/node-script.js'

const capacity = { cpu: '32', 'ephemeral-storage': '1Ti', 'hugepages-1Gi': '0', 'hugepages-2Mi': '0', memory: '256Gi', pods: '110' }

const healthy: readonly NodeCondition[] = [
  { type: 'MemoryPressure', status: 'False', reason: 'KubeletHasSufficientMemory', message: 'kubelet has sufficient memory available' },
  { type: 'DiskPressure', status: 'False', reason: 'KubeletHasNoDiskPressure', message: 'kubelet has no disk pressure' },
  { type: 'PIDPressure', status: 'False', reason: 'KubeletHasSufficientPID', message: 'kubelet has sufficient PID available' },
  { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
]

const unready: NodeCondition = { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: `the annotation ${readyAnnotation} says false` }
// Upstream: pkg/kubelet/nodestatus/setters.go ReadyCondition, of a node whose network is not set up yet
const starting: NodeCondition = {
  ...unready,
  message:
    'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized',
}

export interface Reported {
  /** For a node that has none. */
  addresses: readonly NodeAddress[]
  script: NodeScript
  /** Milliseconds since the epoch. */
  now: number
}

/**
 * The status as the kubelet would report it now. What is there already stays: addresses and sizes may be chosen by whoever made the
 * node, and a condition that says the same keeps its times.
 */
export function nodeStatus(node: Node, { addresses, script, now }: Reported): NodeStatus {
  const { status, metadata } = node
  const sizes = { ...capacity, ...status.capacity }
  return {
    ...status,
    capacity: sizes,
    allocatable: status.capacity ? { ...sizes, ...status.allocatable } : { ...capacity, ...status.allocatable },
    conditions: conditionsOf(status.conditions ?? [], script, now),
    addresses: status.addresses?.length ? status.addresses : [...addresses, { type: 'Hostname', address: metadata.name as string }],
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: status.nodeInfo?.kubeletVersion ? status.nodeInfo : machineOf(metadata.name as string),
  }
}

function conditionsOf(present: readonly NodeCondition[], { does }: NodeScript, now: number): NodeCondition[] {
  const time = formatTime(now)
  const failing = does === 'unready' ? unready : does === 'starting' ? starting : undefined
  const wanted = healthy.map((condition) => (condition.type === 'Ready' ? (failing ?? condition) : condition))
  const others = present.filter(({ type }) => !wanted.some((condition) => condition.type === type))
  const own = wanted.map(({ type, status, reason, message }) => {
    const before = present.find((condition) => condition.type === type)
    if (before?.status === status && before.reason === reason && before.message === message && before.lastHeartbeatTime) return before
    const lastTransitionTime = before?.status === status && before.lastTransitionTime ? before.lastTransitionTime : time
    return { type, status, lastHeartbeatTime: time, lastTransitionTime, reason, message }
  })
  return [...others, ...own]
}

function machineOf(name: string) {
  return {
    machineID: hexDigest(`machine ${name}`, 32),
    systemUUID: uuidLike(`system ${name}`),
    bootID: uuidLike(`boot ${name}`),
    kernelVersion: '6.12.0',
    osImage: 'kubedouble simulated node',
    containerRuntimeVersion: 'containerd://2.2.0',
    kubeletVersion: kubernetesVersion.gitVersion,
    kubeProxyVersion: '',
    operatingSystem: 'linux',
    architecture: 'amd64',
  }
}

function uuidLike(text: string): string {
  const hex = hexDigest(text, 32)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`
}
