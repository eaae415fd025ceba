import { defineResource } from '../define-resource.js'
import type { ResourceQuota } from '../shapes/core-v1.js'

const isLimit = (name: string) => name.startsWith('limits')

/** `cpu: 1/2, pods: 3/10` */
function usageText({ status: { hard, used } }: ResourceQuota, isWanted: (name: string) => boolean): string {
  return Object.keys(hard ?? {})
    .filter(isWanted)
    .sort()
    .map((name) => `${name}: ${used?.[name] ?? '0'}/${hard?.[name]}`)
    .join(', ')
}

export const resourceQuota = defineResource<ResourceQuota>('v1/resourcequotas', {
  cells: {
    Request: (quota) => usageText(quota, (name) => !isLimit(name)),
    Limit: (quota) => usageText(quota, isLimit),
  },
})
