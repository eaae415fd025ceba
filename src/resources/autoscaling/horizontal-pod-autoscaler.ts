// Upstream: pkg/registry/autoscaling/horizontalpodautoscaler/strategy.go, ValidateHorizontalPodAutoscaler
import { type FieldError, field } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { HorizontalPodAutoscaler, MetricSpec } from '../shapes/autoscaling-v2.js'
import { oneOf } from '../workload.js'
import { autoscalerCells } from './autoscaler-cells.js'

export const horizontalPodAutoscaler = defineResource<HorizontalPodAutoscaler>('autoscaling/v2/horizontalpodautoscalers', {
  cells: autoscalerCells<HorizontalPodAutoscaler>((autoscaler) => autoscaler),
  validate: validateAutoscaler,
})

/** What both versions refuse: both are checked in the stored form. */
export function validateAutoscaler({ spec }: HorizontalPodAutoscaler): FieldError[] {
  const { minReplicas, maxReplicas, scaleTargetRef, metrics = [] } = spec
  const errors: FieldError[] = []
  if (minReplicas !== undefined && minReplicas < 1) errors.push(field.invalid('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'))
  if (maxReplicas < 1) errors.push(field.invalid('spec.maxReplicas', maxReplicas, 'must be greater than 0'))
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    errors.push(field.invalid('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'))
  }
  if (!scaleTargetRef.kind) errors.push(field.required('spec.scaleTargetRef.kind'))
  if (!scaleTargetRef.name) errors.push(field.required('spec.scaleTargetRef.name'))
  metrics.forEach((metric, index) => {
    errors.push(...validateMetric(metric, `spec.metrics[${index}]`))
  })
  return errors
}

const sources = { ContainerResource: 'containerResource', External: 'external', Object: 'object', Pods: 'pods', Resource: 'resource' } as const

function validateMetric(metric: MetricSpec, path: string): FieldError[] {
  if (!metric.type) return [field.required(`${path}.type`, 'must specify a metric source type')]
  const wrongType = oneOf(`${path}.type`, metric.type, Object.keys(sources))
  if (wrongType.length) return wrongType
  const expected = sources[metric.type as keyof typeof sources]
  if (!metric[expected]) return [field.required(`${path}.${expected}`, `must populate information for the given metric source`)]
  return Object.values(sources)
    .filter((source) => source !== expected && metric[source])
    .map((source) => field.forbidden(`${path}.${source}`, 'must populate the given metric source only'))
}
