import { defineResource } from '../define-resource.js'
import type { ComponentStatus } from '../shapes/core-v1.js'

const words: Record<string, string> = { True: 'Healthy', False: 'Unhealthy' }

function healthOf(conditions: ComponentStatus['conditions']) {
  return conditions?.find(({ type }) => type === 'Healthy')
}

export const componentStatus = defineResource<ComponentStatus>('v1/componentstatuses', {
  cells: {
    Status: ({ conditions }) => words[healthOf(conditions)?.status ?? ''] ?? 'Unknown',
    Message: ({ conditions }) => healthOf(conditions)?.message ?? '',
    Error: ({ conditions }) => healthOf(conditions)?.error ?? '',
  },
})
