// What a Job's author says about pods that fail, and when it is enough that some succeed.
// Upstream: pkg/controller/job/pod_failure_policy.go, success_policy.go
import type { Job, Pod, PodFailurePolicyRule } from '../../resources/index.js'
import { parseIndexes } from './index-list.js'

export interface Judgement {
  action: 'FailJob' | 'FailIndex' | 'Ignore' | 'Count'
  /** Why the Job fails, when it does. */
  message?: string
}

/** The first rule that fits decides; a failure without a rule is counted. */
export function judge({ spec }: Job, pod: Pod): Judgement {
  for (const [index, rule] of (spec.podFailurePolicy?.rules ?? []).entries()) {
    const match = matchOf(rule, pod)
    if (match === undefined) continue
    const { namespace, name } = pod.metadata
    const message = match.replace('<pod>', `${namespace}/${name}`)
    return { action: rule.action as Judgement['action'], message: `${message} matching ${rule.action} rule at index ${index}` }
  }
  return { action: 'Count' }
}

function matchOf({ onExitCodes, onPodConditions }: PodFailurePolicyRule, { status = {} }: Pod): string | undefined {
  if (onExitCodes) {
    const { containerName, operator, values } = onExitCodes
    for (const { name, state } of [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])]) {
      const code = state?.terminated?.exitCode ?? 0
      if (code === 0 || (containerName !== undefined && containerName !== name)) continue
      if ((values ?? []).includes(code) === (operator === 'In')) return `Container ${name} for pod <pod> failed with exit code ${code}`
    }
    return undefined
  }
  const found = onPodConditions?.find((pattern) =>
    status.conditions?.some(({ type, status: value }) => type === pattern.type && value === (pattern.status || 'True')),
  )
  return found && `Pod <pod> has condition ${found.type}`
}

/** The first rule of the success policy that is met; -1 when none is. */
export function metSuccessRule({ spec }: Job, succeeded: ReadonlySet<number>): number {
  return (spec.successPolicy?.rules ?? []).findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined) return succeededCount !== undefined && succeeded.size >= succeededCount
    const wanted = [...parseIndexes(succeededIndexes, spec.completions ?? 0)]
    const met = wanted.filter((index) => succeeded.has(index)).length
    return met >= (succeededCount ?? wanted.length)
  })
}
