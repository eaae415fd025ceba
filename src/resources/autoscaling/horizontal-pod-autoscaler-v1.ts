// HorizontalPodAutoscaler as autoscaling/v1 shows it: one target for the processor, everything else in annotations.
// Upstream: pkg/apis/autoscaling/v1/conversion.go
import { type ObjectMeta, type ResourceDefinition, recanonicalize } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { HorizontalPodAutoscaler } from '../shapes/autoscaling-v1.js'
import type { MetricSpec, MetricStatus, HorizontalPodAutoscaler as Stored } from '../shapes/autoscaling-v2.js'
import { autoscalerCells } from './autoscaler-cells.js'
import { horizontalPodAutoscaler, validateAutoscaler } from './horizontal-pod-autoscaler.js'

export const horizontalPodAutoscalerV1: ResourceDefinition<HorizontalPodAutoscaler> = defineResource<HorizontalPodAutoscaler>(
  'autoscaling/v1/horizontalpodautoscalers',
  {
    cells: autoscalerCells<HorizontalPodAutoscaler>(toStored),
    validate: (autoscaler) => validateAutoscaler(toStored(autoscaler)),
    convert: {
      toStored,
      fromStored: (stored) => recanonicalize(horizontalPodAutoscalerV1.shape, fromStored(stored as Stored)) as unknown as HorizontalPodAutoscaler,
    },
  },
  horizontalPodAutoscaler,
)

const prefix = 'autoscaling.alpha.kubernetes.io'
// Differs: what the older version cannot say stands in these annotations in the newer version's words, not in words of its own.
const annotations = {
  metrics: `${prefix}/metrics`,
  behavior: `${prefix}/behavior`,
  conditions: `${prefix}/conditions`,
  currentMetrics: `${prefix}/current-metrics`,
}

function toStored({ metadata, spec, status, ...rest }: HorizontalPodAutoscaler): Stored {
  const { targetCPUUtilizationPercentage, ...common } = spec
  const { currentCPUUtilizationPercentage, ...state } = status
  const others = readAnnotation<MetricSpec[]>(metadata, annotations.metrics) ?? []
  const cpu: MetricSpec[] =
    targetCPUUtilizationPercentage === undefined
      ? []
      : [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: targetCPUUtilizationPercentage } } }]
  const current: MetricStatus[] = readAnnotation(metadata, annotations.currentMetrics) ?? []
  if (currentCPUUtilizationPercentage !== undefined) {
    current.unshift({ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: currentCPUUtilizationPercentage } } })
  }
  return {
    ...rest,
    apiVersion: 'autoscaling/v2',
    metadata: withAnnotations(metadata, Object.fromEntries(Object.values(annotations).map((key) => [key, undefined]))),
    spec: { ...common, metrics: [...cpu, ...others], behavior: readAnnotation(metadata, annotations.behavior) },
    status: { ...state, currentMetrics: current.length ? current : null, conditions: readAnnotation(metadata, annotations.conditions) },
  }
}

function fromStored({ metadata, spec, status, ...rest }: Stored): HorizontalPodAutoscaler {
  const { metrics = [], behavior, ...common } = spec
  const { currentMetrics, conditions, ...state } = status
  const cpu = metrics.find(isProcessorUtilization)
  const others = metrics.filter((metric) => metric !== cpu)
  const currentCpu = currentMetrics?.find(
    ({ type, resource }) => type === 'Resource' && resource?.name === 'cpu' && resource.current.averageUtilization !== undefined,
  )
  const otherCurrent = currentMetrics?.filter((metric) => metric !== currentCpu)
  return {
    ...rest,
    apiVersion: 'autoscaling/v1',
    metadata: withAnnotations(metadata, {
      [annotations.metrics]: textOf(others),
      [annotations.behavior]: behavior && JSON.stringify(behavior),
      [annotations.conditions]: textOf(conditions),
      [annotations.currentMetrics]: textOf(otherCurrent),
    }),
    spec: { ...common, targetCPUUtilizationPercentage: cpu?.resource?.target.averageUtilization },
    status: { ...state, currentReplicas: status.currentReplicas ?? 0, currentCPUUtilizationPercentage: currentCpu?.resource?.current.averageUtilization },
  }
}

function isProcessorUtilization({ type, resource }: MetricSpec): boolean {
  return type === 'Resource' && resource?.name === 'cpu' && resource.target.averageUtilization !== undefined
}

const textOf = (items: readonly unknown[] | null | undefined) => (items?.length ? JSON.stringify(items) : undefined)

function readAnnotation<T>(metadata: ObjectMeta, key: string): T | undefined {
  try {
    return JSON.parse(metadata.annotations?.[key] ?? '') as T
  } catch {
    return undefined
  }
}

/** Sets annotations, or removes those that are undefined. */
function withAnnotations(metadata: ObjectMeta, changes: Record<string, string | undefined>): ObjectMeta {
  const next = { ...metadata.annotations }
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) delete next[key]
    else next[key] = value
  }
  const { annotations: _old, ...rest } = metadata
  return Object.keys(next).length ? { ...rest, annotations: next } : rest
}
