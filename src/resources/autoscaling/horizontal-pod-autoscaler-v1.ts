import { defineResource } from '../define-resource.js'
import type { HorizontalPodAutoscaler } from '../shapes/autoscaling-v1.js'
import { horizontalPodAutoscaler } from './horizontal-pod-autoscaler.js'

export const horizontalPodAutoscalerV1 = defineResource<HorizontalPodAutoscaler>('autoscaling/v1/horizontalpodautoscalers', {}, horizontalPodAutoscaler)
