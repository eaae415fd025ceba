// What a pod takes from a quota.
// Upstream: pkg/quota/v1/evaluator/core/pods.go
import type { Container, Pod } from '../shapes/core-v1.js'
import { podLimits, podRequests, type Resources, readResources } from './pod-resources.js'
import { addAmounts, singleAmount } from './quota-amounts.js'
import { isExtended } from './resource-requirements.js'

const podCount = 'count/pods'
const requested = ['cpu', 'memory', 'ephemeral-storage']
const names = [podCount, 'pods', ...requested.flatMap((name) => [name, `requests.${name}`, `limits.${name}`])]
const hugePages = 'hugepages-'
const deviceClass = 'deviceclass.resource.kubernetes.io/'

export function isPodAmount(name: string): boolean {
  if (names.includes(name) || name.startsWith(hugePages) || name.startsWith(`requests.${hugePages}`)) return true
  return name.startsWith('requests.') && (!isNative(name) || name.startsWith(`requests.${deviceClass}`))
}

const isNative = (name: string) => !name.includes('/') || name.includes('kubernetes.io/')

/** A pod that has ended, or should have long ago, is only counted. @param now milliseconds since the epoch */
export function isWeighed({ metadata, status }: Pod, now: number): boolean {
  // A draft has no status yet.
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return false
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadata
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds === undefined) return true
  return now <= Date.parse(deletionTimestamp) + deletionGracePeriodSeconds * 1000
}

export function podUsage(pod: Pod, now: number): Resources {
  const usage: Resources = new Map([[podCount, singleAmount]])
  if (!isWeighed(pod, now)) return usage
  const overhead = readResources(pod.spec.overhead)
  const limits = podLimits(pod)
  const limitedOverhead = new Map([...overhead].filter(([name]) => limits.get(name)?.nanos))
  return addAmounts(usage, usageOf(addAmounts(podRequests(pod), overhead), addAmounts(limits, limitedOverhead)))
}

/** The names under which quotas know requests and limits. */
function usageOf(requests: Resources, limits: Resources): Resources {
  const usage: Resources = new Map([['pods', singleAmount]])
  for (const [name, amount] of requests) {
    const isPlain = requested.includes(name) || name.startsWith(hugePages)
    if (isPlain) usage.set(name, amount)
    if (isPlain || isExtended(name) || name.startsWith(deviceClass)) usage.set(`requests.${name}`, amount)
  }
  for (const [name, amount] of limits) if (requested.includes(name)) usage.set(`limits.${name}`, amount)
  return usage
}

const mustBeSaid = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory']

/** What is limited must be said by every container, or by the pod as a whole. */
export function describeMissing({ spec }: Pod, limited: readonly string[]): string | undefined {
  const saysItself = Object.keys({ ...spec.resources?.requests, ...spec.resources?.limits }).length > 0
  const wanted = mustBeSaid.filter((name) => limited.includes(name)).sort()
  if (saysItself || !wanted.length) return undefined
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
  const missing = wanted.flatMap((name) => {
    const silent = containers.filter((container) => !saysOf(container).has(name)).map((container) => container.name)
    return silent.length ? [`${name} for: ${silent.sort().join(',')}`] : []
  })
  return missing.length ? `must specify ${missing.join('; ')}` : undefined
}

function saysOf({ resources }: Container): Resources {
  return usageOf(readResources(resources.requests), readResources(resources.limits))
}
