// The pod of a DaemonSet for one node, and which nodes want one.
// Upstream: pkg/controller/daemon/util/daemonset_util.go, daemon_controller.go NodeShouldRunDaemonPod
import { deepCopy, type Plain } from '../../machinery/index.js'
import type { Affinity, DaemonSet, Node, Pod, PodSpec, Toleration } from '../../resources/index.js'
import { matchesNodeAffinity } from '../scheduler/node-affinity.js'
import { untolerated } from '../tolerations.js'
import { podOf } from '../workloads/pod-control.js'

export const hashLabel = 'controller-revision-hash'
const generationLabel = 'pod-template-generation'
const templateGeneration = 'deprecated.daemonset.template.generation'

/** Trouble of nodes that daemons put up with. */
const troubles: readonly [name: string, effect: string][] = [
  ['not-ready', 'NoExecute'],
  ['unreachable', 'NoExecute'],
  ['disk-pressure', 'NoSchedule'],
  ['memory-pressure', 'NoSchedule'],
  ['pid-pressure', 'NoSchedule'],
  ['unschedulable', 'NoSchedule'],
]

function tolerationsOf({ tolerations = [], hostNetwork }: PodSpec): Toleration[] {
  const wanted = hostNetwork ? [...troubles, ['network-unavailable', 'NoSchedule'] as const] : troubles
  const added = wanted.map(([name, effect]) => ({ key: `node.kubernetes.io/${name}`, operator: 'Exists', effect }))
  const isSame = (one: Toleration, other: Toleration) =>
    one.key === other.key && one.effect === other.effect && (one.value ?? '') === (other.value ?? '') && (one.operator ?? 'Equal') === other.operator
  const kept = tolerations.filter((own) => !added.some((each) => isSame(own, each)))
  return [...kept, ...added]
}

export function daemonPod(set: DaemonSet, node: Node, hash: string): Plain {
  const object = deepCopy(podOf(set, set.spec.template))
  const generation = set.metadata.annotations?.[templateGeneration]
  const labels = { ...object.metadata.labels, [hashLabel]: hash, ...(generation === undefined ? {} : { [generationLabel]: generation }) }
  const { template } = set.spec
  const spec = { ...object.spec, affinity: bound(template.spec.affinity, node), tolerations: tolerationsOf(template.spec) }
  return { ...object, metadata: { ...object.metadata, labels }, spec }
}

/** Every other wish about nodes was looked at when the node was chosen. */
function bound(affinity: Affinity | undefined, { metadata: { name = '' } }: Node): Affinity {
  const nodeSelectorTerms = [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [name] }] }]
  return { ...affinity, nodeAffinity: { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } }
}

/** The node that a daemon's pod is on or meant for. */
export function nodeNameOf({ spec }: Pod): string | undefined {
  if (spec.nodeName) return spec.nodeName
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  const fields = terms.flatMap(({ matchFields }) => matchFields ?? [])
  return fields.find(({ key, operator, values }) => key === 'metadata.name' && operator === 'In' && values?.length === 1)?.values?.[0]
}

export function isUpdated(set: DaemonSet, { metadata }: Pod, hash: string): boolean {
  const generation = set.metadata.annotations?.[templateGeneration]
  return metadata.labels?.[hashLabel] === hash || (generation !== undefined && metadata.labels?.[generationLabel] === generation)
}

export interface Fit {
  shouldRun: boolean
  /** A pod that is there may stay, though a new one would not be made. */
  mayStay: boolean
}

/** Judges nodes; a set has thousands of them. */
export function fitFor({ spec }: DaemonSet): (node: Node) => Fit {
  const { spec: wishes } = spec.template
  const candidate = { spec: { ...wishes, tolerations: tolerationsOf(wishes) } } as Pod
  return (node) => {
    if (wishes.nodeName && wishes.nodeName !== node.metadata.name) return { shouldRun: false, mayStay: false }
    if (!matchesNodeAffinity(candidate, node)) return { shouldRun: false, mayStay: false }
    const isRefused = untolerated(candidate, node, keepingOut).length > 0
    return { shouldRun: !isRefused, mayStay: !isRefused || untolerated(candidate, node, drivingOut).length === 0 }
  }
}

const keepingOut = ['NoSchedule', 'NoExecute']
const drivingOut = ['NoExecute']
