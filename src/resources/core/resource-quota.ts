// Upstream: pkg/registry/core/resourcequota/strategy.go, ValidateResourceQuota, printResourceQuota
import { compareQuantities, type FieldError, field } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { ResourceQuota } from '../shapes/core-v1.js'
import { immutable } from '../workload.js'

export const resourceQuota = defineResource<ResourceQuota>('v1/resourcequotas', {
  cells: {
    Request: (quota) => usageText(quota, (name) => !isLimit(name)),
    Limit: (quota) => usageText(quota, isLimit),
  },
  validate: validateHard,
  validateUpdate: (quota, old) => [...validateHard(quota), ...immutable('spec.scopes', quota.spec.scopes, old.spec.scopes)],
})

const isLimit = (name: string) => name.startsWith('limits')

/** `cpu: 1/2, pods: 3/10` */
function usageText({ status: { hard, used } }: ResourceQuota, isWanted: (name: string) => boolean): string {
  return Object.keys(hard ?? {})
    .filter(isWanted)
    .sort()
    .map((name) => `${name}: ${used?.[name] ?? '0'}/${hard?.[name]}`)
    .join(', ')
}

function validateHard({ spec: { hard = {} } }: ResourceQuota): FieldError[] {
  return Object.entries(hard)
    .filter(([, amount]) => compareQuantities(amount, '0') < 0)
    .map(([name, amount]) => field.invalid(`spec.hard[${name}]`, amount, 'must be greater than or equal to 0'))
}
