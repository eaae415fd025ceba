// Upstream: pkg/registry/core/limitrange/strategy.go, ValidateLimitRange
import { compareQuantities, type FieldError, field } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { LimitRange, LimitRangeItem } from '../shapes/core-v1.js'

export const limitRange = defineResource<LimitRange>('v1/limitranges', {
  metadataChecks: ['whole'],
  validate({ spec }) {
    const types = new Set<string>()
    return (spec.limits ?? []).flatMap((item, index) => {
      const path = `spec.limits[${index}]`
      const repeated = types.has(item.type) ? [field.duplicate(`${path}.type`, item.type)] : []
      types.add(item.type)
      return [...repeated, ...validateItem(item, path)]
    })
  },
})

type Bound = 'min' | 'defaultRequest' | 'default' | 'max'

const nouns: Record<Bound, string> = { min: 'min', defaultRequest: 'default request', default: 'default', max: 'max' }
// Each pair in the order in which it is checked: the first may not be above the second.
const orders: [lower: Bound, upper: Bound, blamed: Bound][] = [
  ['min', 'max', 'min'],
  ['min', 'defaultRequest', 'defaultRequest'],
  ['defaultRequest', 'max', 'defaultRequest'],
  ['defaultRequest', 'default', 'defaultRequest'],
  ['min', 'default', 'default'],
  ['default', 'max', 'default'],
]

function validateItem(item: LimitRangeItem, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (item.type === 'Pod') {
    if (Object.keys(item.default ?? {}).length) errors.push(field.forbidden(`${path}.default`, 'may not be specified when `type` is "Pod"'))
    if (Object.keys(item.defaultRequest ?? {}).length) errors.push(field.forbidden(`${path}.defaultRequest`, 'may not be specified when `type` is "Pod"'))
  }
  if (item.type === 'PersistentVolumeClaim' && !item.min?.storage && !item.max?.storage) {
    errors.push(field.required(`${path}.limits`, 'either minimum or maximum storage value is required, but neither was provided'))
  }
  const names = new Set(Object.keys({ ...item.max, ...item.min, ...item.default, ...item.defaultRequest }).sort())
  for (const name of names) errors.push(...validateOrder(item, name, path))
  return errors
}

function validateOrder(item: LimitRangeItem, name: string, path: string): FieldError[] {
  return orders.flatMap(([lower, upper, blamed]) => {
    const [low, high] = [item[lower]?.[name], item[upper]?.[name]]
    if (low === undefined || high === undefined || compareQuantities(low, high) <= 0) return []
    const message = `${nouns[lower]} value ${low} is greater than ${nouns[upper]} value ${high}`
    return [field.invalid(`${path}.${blamed}[${name}]`, item[blamed]?.[name], message)]
  })
}
