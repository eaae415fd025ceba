// Which pods a pod wants near, and which it does not want near.
// Upstream: pkg/scheduler/framework/plugins/interpodaffinity
import { matchesLabels } from '../../machinery/index.js'
import type { Namespace, Node, Pod, PodAffinityTerm } from '../../resources/index.js'

/** What judging needs to know of the cluster. Pods are those that have a node and have not ended. */
export interface Neighbourhood {
  nodes: readonly Node[]
  nodeOf(pod: Pod): Node | undefined
  podsIn(namespace: string): readonly Pod[]
  everyPod(): readonly Pod[]
  /** Pods that want certain pods not to come near. */
  guarded(): readonly Pod[]
  namespaces(): readonly Namespace[]
}

export const affinityTerms = ({ spec }: Pod) => spec.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
export const antiAffinityTerms = ({ spec }: Pod) => spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []

export const affinityReason = "node(s) didn't match pod affinity rules"
export const antiAffinityReason = "node(s) didn't match pod anti-affinity rules"
export const guardedReason = "node(s) didn't satisfy existing pods anti-affinity rules"

export interface AffinityVerdict {
  reason: string
  /** Whether no pod that went would help. */
  isUnresolvable: boolean
}

/** Looks at the cluster once for a pod; the answer judges nodes. Nothing when the pod and its neighbours do not care. */
export function podAffinityFilter(pod: Pod, neighbourhood: Neighbourhood): ((node: Node) => AffinityVerdict | undefined) | undefined {
  const wanted = affinityTerms(pod)
  const unwanted = antiAffinityTerms(pod)
  const guarded = guardedDomains(pod, neighbourhood)
  if (!wanted.length && !unwanted.length && !guarded.size) return undefined
  const wantedDomains = wanted.map((term) => domainsOf(term, pod, neighbourhood))
  const unwantedDomains = unwanted.map((term) => domainsOf(term, pod, neighbourhood))
  // The first of a group that wants its own kind near has to start somewhere.
  const isFirst = wantedDomains.every((domains) => !domains.size) && wanted.every((term) => selects(term, pod, pod, neighbourhood))
  return ({ metadata: { labels = {} } }) => {
    const isIn = (domains: ReadonlySet<string>, key: string) => Object.hasOwn(labels, key) && domains.has(labels[key])
    const hasWanted = wanted.every(({ topologyKey }, index) => Object.hasOwn(labels, topologyKey) && (isFirst || isIn(wantedDomains[index], topologyKey)))
    if (!hasWanted) return { reason: affinityReason, isUnresolvable: true }
    if (unwanted.some(({ topologyKey }, index) => isIn(unwantedDomains[index], topologyKey))) return { reason: antiAffinityReason, isUnresolvable: false }
    const isGuarded = [...guarded].some(([key, domains]) => isIn(domains, key))
    return isGuarded ? { reason: guardedReason, isUnresolvable: false } : undefined
  }
}

/** Weights of preferred terms by node name. */
export function preferredAffinity(pod: Pod, neighbourhood: Neighbourhood): ((node: Node) => number) | undefined {
  const near = pod.spec.affinity?.podAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
  const far = pod.spec.affinity?.podAntiAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
  if (!near.length && !far.length) return undefined
  const terms = [...near.map((each) => ({ ...each, sign: 1 })), ...far.map((each) => ({ ...each, sign: -1 }))].map(
    ({ weight, podAffinityTerm: term, sign }) => ({
      weight: sign * weight,
      key: term.topologyKey,
      counts: countsOf(term, pod, neighbourhood),
    }),
  )
  return ({ metadata: { labels = {} } }) => terms.reduce((sum, { weight, key, counts }) => sum + weight * (counts.get(labels[key] ?? '') ?? 0), 0)
}

function domainsOf(term: PodAffinityTerm, pod: Pod, neighbourhood: Neighbourhood): Set<string> {
  return new Set(countsOf(term, pod, neighbourhood).keys())
}

/** How many pods the term selects in each domain of its topology. */
function countsOf(term: PodAffinityTerm, pod: Pod, neighbourhood: Neighbourhood): Map<string, number> {
  const counts = new Map<string, number>()
  const { namespaces = [], namespaceSelector, topologyKey } = term
  const own = namespaces.length || namespaceSelector ? namespaces : [pod.metadata.namespace as string]
  const candidates = namespaceSelector ? neighbourhood.everyPod() : own.flatMap((namespace) => neighbourhood.podsIn(namespace))
  for (const other of candidates) {
    const domain = neighbourhood.nodeOf(other)?.metadata.labels?.[topologyKey]
    if (domain !== undefined && selects(term, pod, other, neighbourhood)) counts.set(domain, (counts.get(domain) ?? 0) + 1)
  }
  return counts
}

/** Domains, by topology key, where pods live that do not want this one near. */
function guardedDomains(pod: Pod, neighbourhood: Neighbourhood): Map<string, Set<string>> {
  const domains = new Map<string, Set<string>>()
  for (const other of neighbourhood.guarded()) {
    for (const term of antiAffinityTerms(other)) {
      const domain = neighbourhood.nodeOf(other)?.metadata.labels?.[term.topologyKey]
      if (domain === undefined || !selects(term, other, pod, neighbourhood)) continue
      domains.set(term.topologyKey, (domains.get(term.topologyKey) ?? new Set()).add(domain))
    }
  }
  return domains
}

/** Whether a term of one pod means the other. */
function selects(term: PodAffinityTerm, owner: Pod, other: Pod, { namespaces }: Neighbourhood): boolean {
  const { namespace } = other.metadata
  const named = term.namespaces ?? []
  if (!named.length && !term.namespaceSelector) {
    if (namespace !== owner.metadata.namespace) return false
  } else if (!named.includes(namespace as string)) {
    const home = term.namespaceSelector && namespaces().find(({ metadata }) => metadata.name === namespace)
    if (!home || !matchesLabels(term.namespaceSelector, home.metadata.labels ?? {})) return false
  }
  const ofOwner = owner.metadata.labels ?? {}
  const ofOther = other.metadata.labels ?? {}
  const isSame = (key: string) => !Object.hasOwn(ofOwner, key) || ofOther[key] === ofOwner[key]
  return (
    term.labelSelector !== undefined &&
    matchesLabels(term.labelSelector, ofOther) &&
    (term.matchLabelKeys ?? []).every(isSame) &&
    (term.mismatchLabelKeys ?? []).every((key) => !Object.hasOwn(ofOwner, key) || ofOther[key] !== ofOwner[key])
  )
}
