// ResourceQuota: how much all objects of a namespace may take together.
// Upstream: pkg/registry/core/resourcequota/strategy.go, printResourceQuota
import { field } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { ResourceQuota } from '../shapes/core-v1.js'
import { validateQuotaAmounts, validateQuotaSpec } from './quota-validation.js'

export const resourceQuota = defineResource<ResourceQuota>('v1/resourcequotas', {
  cells: {
    Request: (quota) => usageText(quota, (name) => !isLimit(name)),
    Limit: (quota) => usageText(quota, isLimit),
  },
  validate: ({ spec }) => validateQuotaSpec(spec),
  validateUpdate({ spec }, old) {
    const before = new Set(old.spec.scopes)
    const after = new Set(spec.scopes)
    const isSame = before.size === after.size && [...after].every((scope) => before.has(scope))
    return [...validateQuotaSpec(spec), ...(isSame ? [] : [field.invalid('spec.scopes', spec.scopes, 'field is immutable')])]
  },
  validateStatusUpdate: ({ status }) => [...validateQuotaAmounts(status.hard, 'status.hard'), ...validateQuotaAmounts(status.used, 'status.used')],
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
