// Upstream: pkg/registry/scheduling/priorityclass/strategy.go, ValidatePriorityClass, printPriorityClass
import { type FieldError, field } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { PriorityClass } from '../shapes/scheduling-v1.js'
import { immutable, oneOf } from '../workload.js'

const userPriorityMax = 1_000_000_000
const systemPrefix = 'system-'
const systemValues: Record<string, number> = { 'system-node-critical': 2_000_001_000, 'system-cluster-critical': 2_000_000_000 }

export const priorityClass = defineResource<PriorityClass>('scheduling.k8s.io/v1/priorityclasses', {
  cells: {
    Value: ({ value }) => value,
    'Global-Default': ({ globalDefault }) => globalDefault ?? false,
    PreemptionPolicy: ({ preemptionPolicy }) => preemptionPolicy ?? '',
  },
  validate: validateClass,
  validateUpdate: (priorityClass, old) => [
    ...(priorityClass.value === old.value ? [] : [field.forbidden('value', 'may not be changed in an update.')]),
    ...immutable('preemptionPolicy', priorityClass.preemptionPolicy, old.preemptionPolicy),
  ],
})

function validateClass({ metadata, value, globalDefault, preemptionPolicy }: PriorityClass): FieldError[] {
  return [
    ...validateRank(metadata.name ?? '', value, globalDefault === true),
    ...oneOf('preemptionPolicy', preemptionPolicy ?? '', ['Never', 'PreemptLowerPriority']),
  ]
}

function validateRank(name: string, value: number, isDefault: boolean): FieldError[] {
  if (!name.startsWith(systemPrefix)) {
    return value > userPriorityMax ? [field.forbidden('value', `maximum allowed value of a user defined priority is ${userPriorityMax}`)] : []
  }
  if (systemValues[name] === value && !isDefault) return []
  const reason = Object.hasOwn(systemValues, name)
    ? `value of ${name} PriorityClass must be ${systemValues[name]}`
    : `${name} is not a known system priority class`
  return [field.forbidden('metadata.name', `priority class names with '${systemPrefix}' prefix are reserved for system use only. error: ${reason}`)]
}
