import { defineResource } from '../define-resource.js'
import type { HorizontalPodAutoscaler } from '../shapes/autoscaling-v2.js'

export const horizontalPodAutoscaler = defineResource<HorizontalPodAutoscaler>('autoscaling/v2/horizontalpodautoscalers', {})
