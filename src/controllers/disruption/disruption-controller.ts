// The status of a PodDisruptionBudget: how many of its pods may be evicted now.
// Upstream: pkg/controller/disruption/disruption.go
import {
  type Controller,
  compileLabelSelector,
  deepEqual,
  defineController,
  formatTime,
  type KubeObject,
  keyOf,
  matchesLabels,
  on,
  onSelf,
  type Plain,
  type Plan,
  type PlannedWrite,
  type Snapshot,
} from '../../machinery/index.js'
import { isReady, type Pod, type PodDisruptionBudget, pod, podDisruptionBudget } from '../../resources/index.js'
import { isTerminal } from '../pod-indexes.js'
import { scaledAmount } from '../workloads/amounts.js'
import { controllerOf } from '../workloads/ownership.js'
import { type Told, workloadEvent } from '../workloads/pod-control.js'
import { isTerminating } from '../workloads/pod-state.js'

const component = 'controllermanager'

/** An eviction that nobody carried out within this time did not take place. */
const disruptionMillis = 120_000

interface Observed {
  budget: PodDisruptionBudget
  pods: readonly Pod[]
  /** How many pods their controllers want, or why that is not known. */
  scale: { replicas: number; unmanaged: readonly string[]; error?: string }
  now: number
}

export const disruptionController: Controller<Observed> = defineController<Observed>({
  name: 'disruption-controller',
  fieldManager: 'kube-controller-manager',
  watches: [
    onSelf(podDisruptionBudget),
    on(pod, ({ object, old }, snapshot) => {
      const { namespace } = object.metadata
      const budgets = snapshot.list(podDisruptionBudget, { namespace })
      const isConcerned = ({ spec }: PodDisruptionBudget) => [object, old].some((each) => each && matchesLabels(spec.selector, each.metadata.labels))
      return budgets.filter(isConcerned).map(keyOf)
    }),
  ],
  observe(key, snapshot) {
    const budget = snapshot.get(podDisruptionBudget, key)
    if (!budget) return undefined
    const matches = compileLabelSelector(budget.spec.selector)
    const pods = snapshot.list(pod, { namespace: key.namespace }).filter((each) => !isTerminal(each) && matches(each.metadata.labels))
    return { budget, pods, scale: scaleOf(pods, snapshot), now: snapshot.now }
  },
  reconcile(observed): Plan {
    const { budget, pods, now } = observed
    const events: Told[] = pods.length ? [] : [{ reason: 'NoPods', message: 'No matching pods found' }]
    const numbers = numbersOf(observed)
    if (numbers.unmanaged.length && numbers.error === undefined) {
      events.push({
        type: 'Warning',
        reason: 'UnmanagedPods',
        message: `Pods selected by this PodDisruptionBudget (selector: ${JSON.stringify(budget.spec.selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`,
      })
    }
    if (numbers.error !== undefined)
      events.push({ type: 'Warning', reason: 'CalculateExpectedPodCountFailed', message: `Failed to calculate the number of expected pods: ${numbers.error}` })
    const { disrupted, nextMillis } = stillDisrupted(budget, pods, now)
    const status = numbers.error === undefined ? statusOf(observed, numbers, disrupted) : failedStatus(budget, numbers.error, now)
    if (deepEqual(status, budget.status)) return { writes: [], ...nextMillis }
    const writes: PlannedWrite[] = events.map((event) => workloadEvent(budget, component, event))
    writes.push({ verb: 'update', definition: podDisruptionBudget, object: { ...budget, status }, subresource: 'status' })
    return { writes, ...nextMillis }
  },
})

/** The replicas of every controller of these pods, each counted once. */
function scaleOf(pods: readonly Pod[], snapshot: Snapshot): Observed['scale'] {
  const unmanaged: string[] = []
  const scales = new Map<string, number>()
  for (const each of pods) {
    const controller = scaledController(each, snapshot)
    if (!controller) {
      unmanaged.push(each.metadata.name ?? '')
      continue
    }
    const { owner, replicas } = controller
    if (replicas === undefined)
      return { replicas: 0, unmanaged, error: `${owner.kind.toLowerCase()}s.${owner.apiVersion.split('/')[0]} does not implement the scale subresource` }
    scales.set(owner.metadata.uid ?? '', replicas)
  }
  return { replicas: [...scales.values()].reduce((sum, each) => sum + each, 0), unmanaged }
}

/** Who decides on the number of a pod's siblings: the Deployment of its replica set, or else its controller. */
function scaledController(object: Pod, snapshot: Snapshot): { owner: KubeObject; replicas?: number } | undefined {
  let found: { owner: KubeObject; replicas?: number } | undefined
  let at: KubeObject = object
  for (let step = 0; step < 2; step++) {
    const reference = controllerOf(at)
    const definition = reference && snapshot.findKind(reference.apiVersion, reference.kind)
    const owner = definition && (snapshot.get(definition, { namespace: object.metadata.namespace, name: reference.name }) as (KubeObject & Plain) | undefined)
    if (!owner || owner.metadata.uid !== reference.uid) return found
    if (found && !definition.scale) return found
    found = definition.scale ? { owner, replicas: definition.scale.replicas(owner) } : { owner }
    if (owner.kind !== 'ReplicaSet') return found
    at = owner
  }
  return found
}

interface Numbers {
  expected: number
  desired: number
  unmanaged: readonly string[]
  error?: string
}

function numbersOf({ budget: { spec }, pods, scale }: Observed): Numbers {
  const { minAvailable, maxUnavailable } = spec
  if (maxUnavailable === undefined && typeof minAvailable === 'number') return { expected: pods.length, desired: minAvailable, unmanaged: [] }
  if (maxUnavailable === undefined && minAvailable === undefined) return { expected: pods.length, desired: 0, unmanaged: [] }
  const { replicas, unmanaged, error } = scale
  const desired =
    maxUnavailable === undefined ? scaledAmount(minAvailable, replicas, 'up') : Math.max(0, replicas - scaledAmount(maxUnavailable, replicas, 'up'))
  return { expected: replicas, desired, unmanaged, ...(error === undefined ? {} : { error }) }
}

/** Pods that were evicted and have not begun to go. */
function stillDisrupted(
  { status }: PodDisruptionBudget,
  pods: readonly Pod[],
  now: number,
): { disrupted: Record<string, string>; nextMillis: Pick<Plan, 'requeueAfterMillis'> } {
  const staying = new Set(pods.filter((each) => !isTerminating(each)).map(({ metadata }) => metadata.name))
  const entries = Object.entries(status.disruptedPods ?? {}).filter(([name, time]) => staying.has(name) && Date.parse(time) + disruptionMillis > now)
  const next = entries.length ? entries.map(([, time]) => Date.parse(time)).reduce((one, other) => Math.min(one, other)) + disruptionMillis - now : undefined
  return { disrupted: Object.fromEntries(entries), nextMillis: next === undefined ? {} : { requeueAfterMillis: next } }
}

function statusOf({ budget, pods, now }: Observed, { expected, desired }: Numbers, disrupted: Record<string, string>): PodDisruptionBudget['status'] {
  const healthy = pods.filter((each) => !isTerminating(each) && isReady(each) && !Object.hasOwn(disrupted, each.metadata.name ?? '')).length
  const allowed = expected > 0 ? Math.max(0, healthy - desired) : 0
  const verdict = allowed > 0 ? { status: 'True', reason: 'SufficientPods' } : { status: 'False', reason: 'InsufficientPods' }
  return {
    ...(budget.metadata.generation ? { observedGeneration: budget.metadata.generation } : {}),
    ...(Object.keys(disrupted).length ? { disruptedPods: disrupted } : {}),
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    conditions: withVerdict(budget, { ...verdict, message: '' }, now),
  }
}

/** Nothing may be evicted while the numbers are not known. */
function failedStatus(budget: PodDisruptionBudget, message: string, now: number): PodDisruptionBudget['status'] {
  const conditions = withVerdict(budget, { status: 'False', reason: 'SyncFailed', message }, now)
  return { ...budget.status, ...(budget.metadata.generation ? { observedGeneration: budget.metadata.generation } : {}), disruptionsAllowed: 0, conditions }
}

function withVerdict({ metadata, status }: PodDisruptionBudget, verdict: { status: string; reason: string; message: string }, now: number) {
  const conditions = status.conditions ?? []
  const before = conditions.find(({ type }) => type === 'DisruptionAllowed')
  const lastTransitionTime = before?.status === verdict.status ? before.lastTransitionTime : formatTime(now)
  const condition = { type: 'DisruptionAllowed', ...(metadata.generation ? { observedGeneration: metadata.generation } : {}), lastTransitionTime, ...verdict }
  const index = conditions.findIndex(({ type }) => type === 'DisruptionAllowed')
  return index < 0 ? [...conditions, condition] : conditions.with(index, condition)
}
