// Values of scalar types: what each takes, its one spelling, and its zero.
// Upstream: apimachinery/pkg/api/resource, apimachinery/pkg/apis/meta/v1/{time,micro_time}.go, apimachinery/pkg/util/intstr
import { isObject } from '../object.js'
import { canonicalQuantity } from '../quantity.js'
import type { Field, ScalarName } from './shape.js'

/** A value that is not of its type. */
export class Mismatch extends Error {}

export function scalarOf(name: ScalarName, value: unknown, field?: Field): unknown {
  const dropsZero = field !== undefined && !field.pointer && !field.printed
  switch (name) {
    case 'string':
      if (typeof value !== 'string') throw new Mismatch('not a string')
      return value === '' && dropsZero ? undefined : value
    case 'bool':
      if (typeof value !== 'boolean') throw new Mismatch('not a boolean')
      return !value && dropsZero ? undefined : value
    case 'int32':
    case 'int64':
      if (typeof value !== 'number' || !Number.isInteger(value) || value >= integerEnd[name] || value < -integerEnd[name]) throw new Mismatch('not an integer')
      return value === 0 && dropsZero ? undefined : value
    case 'double':
      if (typeof value !== 'number') throw new Mismatch('not a number')
      return value === 0 && dropsZero ? undefined : value
    case 'bytes':
      if (typeof value !== 'string' || !isBase64(value)) throw new Mismatch('illegal base64 data')
      return value === '' && field && !field.pointer ? undefined : value
    case 'Quantity': {
      const text = typeof value === 'number' ? formatNumber(value) : value
      const canonical = typeof text === 'string' ? canonicalQuantity(text) : undefined
      if (canonical === undefined) throw new Mismatch('not a quantity')
      return canonical
    }
    case 'IntOrString':
      if (typeof value !== 'string' && !(typeof value === 'number' && Number.isInteger(value))) throw new Mismatch('neither integer nor string')
      return value
    case 'Time':
      return timeOf(value)
    case 'MicroTime':
      if (typeof value !== 'string' || !microTime.test(value)) throw new Mismatch('not a time with six digits')
      return value.endsWith('Z') ? value : `${new Date(Date.parse(value)).toISOString().slice(0, 20)}${value.slice(20, 26)}Z`
    case 'Duration':
      if (typeof value !== 'string') throw new Mismatch('not a duration')
      return value
    case 'FieldsV1':
      if (!isObject(value)) throw new Mismatch('not an object')
      return value
    case 'RawExtension':
    case 'JSON':
    case 'any':
      return value
  }
}

// One beyond the largest; the smallest is its negative.
const integerEnd = { int32: 2 ** 31, int64: 2 ** 63 }

const utcTime = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/
const anyTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/
const microTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(?:Z|[+-]\d\d:\d\d)$/

function timeOf(value: unknown): string {
  if (typeof value !== 'string') throw new Mismatch('not a time')
  if (utcTime.test(value)) return value
  const millis = anyTime.test(value) ? Date.parse(value) : Number.NaN
  if (Number.isNaN(millis)) throw new Mismatch('not a time')
  return `${new Date(millis).toISOString().slice(0, 19)}Z`
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

function isBase64(text: string): boolean {
  // Go's decoder skips line breaks.
  return text.length < 1024 ? base64.test(text.replace(/[\r\n]/g, '')) : isLongBase64(text.replace(/[\r\n]/g, ''))
}

function isLongBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
}

function formatNumber(value: number): string {
  return String(value)
}

export function zeroOf(name: ScalarName): unknown {
  switch (name) {
    case 'string':
      return ''
    case 'bool':
      return false
    case 'int32':
    case 'int64':
    case 'double':
    case 'IntOrString':
      return 0
    case 'Quantity':
      return '0'
    default:
      return null
  }
}
