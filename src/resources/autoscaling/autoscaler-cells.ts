// How autoscalers are printed; both versions of the API print the same.
// Upstream: pkg/printers/internalversion/printers.go printHorizontalPodAutoscaler, formatHPAMetrics
import type { Cell, KubeObject } from '../../machinery/index.js'
import { shortened } from '../printing.js'
import type { HorizontalPodAutoscaler, MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from '../shapes/autoscaling-v2.js'

const metricsMax = 2

/** @param view the object as autoscaling/v2 */
export function autoscalerCells<T extends KubeObject>(view: (object: T) => HorizontalPodAutoscaler): Record<string, (object: T) => Cell> {
  return {
    Reference: (object) => `${view(object).spec.scaleTargetRef.kind}/${view(object).spec.scaleTargetRef.name}`,
    Targets: (object) => targetsText(view(object)),
    MinPods: (object) => String(view(object).spec.minReplicas ?? '<unset>'),
    MaxPods: (object) => view(object).spec.maxReplicas,
    Replicas: (object) => view(object).status.currentReplicas ?? 0,
  }
}

function targetsText({ spec, status }: HorizontalPodAutoscaler): string {
  const texts = (spec.metrics ?? []).map((metric, index) => metricText(metric, status.currentMetrics?.[index]))
  return texts.length ? shortened(texts, { itemsMax: metricsMax, separator: ', ' }) : '<none>'
}

/** `cpu: 10%/50%`, `<unknown>/1500m`, `7/10 (avg)`. */
function metricText(metric: MetricSpec, current: MetricStatus | undefined): string {
  switch (metric.type) {
    case 'External':
      return amountText(metric.external?.target, current?.external?.current)
    case 'Object':
      return amountText(metric.object?.target, current?.object?.current)
    case 'Pods':
      return `${current?.pods?.current.averageValue ?? '<unknown>'}/${metric.pods?.target.averageValue}`
    case 'Resource':
      return `${metric.resource?.name}: ${usageText(metric.resource?.target, current?.resource?.current)}`
    case 'ContainerResource':
      return `${metric.containerResource?.name}: ${usageText(metric.containerResource?.target, current?.containerResource?.current)}`
    default:
      return '<unknown type>'
  }
}

function amountText(target: MetricTarget | undefined, current: MetricValueStatus | undefined): string {
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? '<unknown>'}/${target.averageValue} (avg)`
  return `${current?.value ?? '<unknown>'}/${target?.value}`
}

function usageText(target: MetricTarget | undefined, current: MetricValueStatus | undefined): string {
  if (target?.averageValue !== undefined) return `${current?.averageValue ?? '<unknown>'}/${target.averageValue}`
  const percent = (value: number | undefined, absent: string) => (value === undefined ? absent : `${value}%`)
  return `${percent(current?.averageUtilization, '<unknown>')}/${percent(target?.averageUtilization, '<auto>')}`
}
