import { defineResource } from '../define-resource.js'
import type { PodDisruptionBudget } from '../shapes/policy-v1.js'

export const podDisruptionBudget = defineResource<PodDisruptionBudget>('policy/v1/poddisruptionbudgets', {})
