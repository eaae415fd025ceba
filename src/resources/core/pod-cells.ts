// How pods are printed: what `kubectl get pods` shows as their state.
// Upstream: pkg/printers/internalversion/printers.go printPod
import { age, type Cell, type CellContext } from '../../machinery/index.js'
import type { ContainerState, ContainerStatus, Pod } from '../shapes/core-v1.js'

export const podCells: Record<string, (pod: Pod, context: CellContext) => Cell> = {
  Ready: (pod) => `${summaryOf(pod).ready}/${summaryOf(pod).total}`,
  Status: (pod) => summaryOf(pod).reason,
  Restarts: (pod, { now }) => restartsText(summaryOf(pod), now),
  IP: ({ status }) => status.podIPs?.[0]?.ip || '<none>',
  Node: ({ spec }) => spec.nodeName || '<none>',
  'Nominated Node': ({ status }) => status.nominatedNodeName || '<none>',
  'Readiness Gates': gatesText,
}

const completed = {
  Succeeded: 'The pod has completed successfully.',
  Failed: 'The pod failed.',
}

/** Finished pods say so, so that a client can print them apart. */
export function podRowConditions({ status: { phase } }: Pod) {
  const message = phase === 'Succeeded' || phase === 'Failed' ? completed[phase] : undefined
  return message ? [{ type: 'Completed', status: 'True', reason: phase, message }] : []
}

interface Summary {
  ready: number
  total: number
  reason: string
  restarts: number
  /** When a container last ended, among those whose restarts count. */
  lastRestart?: string
}

const summaries = new WeakMap<Pod, Summary>()

// Three cells need it; a stored pod never changes.
function summaryOf(pod: Pod): Summary {
  let summary = summaries.get(pod)
  if (!summary) {
    summary = summarize(pod)
    summaries.set(pod, summary)
  }
  return summary
}

function summarize(pod: Pod): Summary {
  const { metadata, spec, status } = pod
  const sidecars = new Set((spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always').map(({ name }) => name))
  const initial: Summary = {
    ready: 0,
    total: (spec.containers?.length ?? 0) + sidecars.size,
    reason: hasCondition(pod, 'PodScheduled', undefined, 'SchedulingGated') ? 'SchedulingGated' : status.reason || status.phase || '',
    restarts: 0,
  }
  const afterInit = walkInitContainers(pod, sidecars, initial)
  if (afterInit.isDone || hasCondition(pod, 'Initialized', 'True')) walkContainers(pod, sidecars, afterInit.summary)
  const { summary } = afterInit
  if (metadata.deletionTimestamp && status.reason === 'NodeLost') summary.reason = 'Unknown'
  else if (metadata.deletionTimestamp && status.phase !== 'Succeeded' && status.phase !== 'Failed') summary.reason = 'Terminating'
  return summary
}

function hasCondition({ status }: Pod, type: string, wanted?: string, reason?: string): boolean {
  return (status.conditions ?? []).some((each) => each.type === type && (!wanted || each.status === wanted) && (!reason || each.reason === reason))
}

function walkInitContainers({ spec, status }: Pod, sidecars: ReadonlySet<string>, summary: Summary): { isDone: boolean; summary: Summary } {
  const count = spec.initContainers?.length ?? 0
  for (const [index, container] of (status.initContainerStatuses ?? []).entries()) {
    countRestarts(summary, container)
    const { terminated, waiting } = container.state ?? {}
    if (terminated && terminated.exitCode === 0) continue
    if (sidecars.has(container.name) && container.started) {
      if (container.ready) summary.ready++
      continue
    }
    if (terminated) summary.reason = `Init:${terminated.reason || exitText(terminated)}`
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') summary.reason = `Init:${waiting.reason}`
    else summary.reason = `Init:${index}/${count}`
    return { isDone: false, summary }
  }
  return { isDone: true, summary }
}

function walkContainers(pod: Pod, sidecars: ReadonlySet<string>, summary: Summary): void {
  const { status } = pod
  // Init containers that are over count no longer; sidecars still run.
  summary.restarts = 0
  summary.lastRestart = undefined
  for (const container of status.initContainerStatuses ?? []) if (sidecars.has(container.name)) countRestarts(summary, container)
  let hasRunning = false
  let failure = ''
  for (const container of [...(status.containerStatuses ?? [])].reverse()) {
    countRestarts(summary, container)
    const { waiting, terminated, running } = container.state ?? {}
    if (waiting?.reason) summary.reason = waiting.reason
    else if (terminated) {
      summary.reason = terminated.reason || exitText(terminated)
      if (terminated.exitCode !== 0) failure = summary.reason
    } else if (container.ready && running) {
      hasRunning = true
      summary.ready++
    }
  }
  if (summary.reason === 'Completed') summary.reason = completedText(pod, hasRunning, failure)
}

function completedText(pod: Pod, hasRunning: boolean, failure: string): string {
  if (hasRunning && hasCondition(pod, 'Ready', 'True')) return 'Running'
  if (failure) return failure
  return hasRunning ? 'NotReady' : 'Completed'
}

function exitText({ signal, exitCode }: NonNullable<ContainerState['terminated']>): string {
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode}`
}

function countRestarts(summary: Summary, { restartCount, lastState }: ContainerStatus): void {
  summary.restarts += restartCount
  const finished = lastState?.terminated?.finishedAt
  if (finished && (!summary.lastRestart || finished > summary.lastRestart)) summary.lastRestart = finished
}

function restartsText({ restarts, lastRestart }: Summary, now: number): string {
  return restarts && lastRestart ? `${restarts} (${age(lastRestart, now)} ago)` : String(restarts)
}

function gatesText(pod: Pod): string {
  const gates = pod.spec.readinessGates ?? []
  if (!gates.length) return '<none>'
  return `${gates.filter(({ conditionType }) => hasCondition(pod, conditionType, 'True')).length}/${gates.length}`
}
