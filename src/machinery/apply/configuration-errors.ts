// Whether an applied configuration is of its type: unknown fields, wrong types, elements of lists that cannot be told apart.
// Upstream: structured-merge-diff typed/validate.go
import { formatGoSyntax, formatGoValue, goTypeOfJSON } from '../go-value.js'
import { isObject, type Plain } from '../object.js'
import type { Field, FieldType, ScalarName, Shape } from '../shape/shape.js'
import { elementText } from './field-set.js'
import { keyedItem, type ListItem, setItem } from './list-items.js'
import { listKeysOf } from './owned-type.js'

/** All that is wrong in one text, `.spec.nope: field not declared in schema`; undefined when nothing is. */
export function configurationError(shape: Shape, configuration: Plain): string | undefined {
  // Nearly all are sound, and paths are made for those that are not.
  if (isSoundStruct(shape, configuration)) return undefined
  const errors: string[] = []
  checkStruct(shape, configuration, '', errors)
  if (errors.length < 2) return errors[0]
  return ['errors:', ...errors.map((error) => `  ${error}`)].join('\n')
}

// A report longer than this serves nobody.
const errorsMax = 100

function isSoundStruct(shape: Shape, value: Plain): boolean {
  for (const key in value) {
    const field = shape.field.get(key)
    const isSoundMember = field
      ? isSound(field.type, value[key], field)
      : shape.hasTypeMeta && (key === 'kind' || key === 'apiVersion') && typeof value[key] === 'string'
    if (!isSoundMember) return false
  }
  return true
}

function isSound(type: FieldType, value: unknown, field?: Field): boolean {
  if (value === null) return true
  if (type.kind === 'scalar') return scalarError(type.name, value) === undefined
  if (type.kind === 'list') return Array.isArray(value) && isSoundList(type.of, value, field)
  if (!isObject(value)) return false
  if (type.kind === 'struct') return isSoundStruct(type.shape, value)
  for (const key in value) if (!isSound(type.of, value[key])) return false
  return true
}

function isSoundList(of: FieldType, list: unknown[], field?: Field): boolean {
  const name = namerOf(field)
  const seen = new Set<string>()
  for (const element of list) {
    const named = name?.(element)
    if (typeof named === 'string' || (named && seen.has(named.key)) || !isSound(of, element)) return false
    if (named) seen.add(named.key)
  }
  return true
}

function checkStruct(shape: Shape, value: Plain, path: string, errors: string[]): void {
  for (const key of Object.keys(value)) {
    const field = shape.field.get(key)
    if (field) check(field.type, value[key], `${path}.${key}`, errors, field)
    else if (shape.hasTypeMeta && (key === 'kind' || key === 'apiVersion')) checkScalar('string', value[key], `${path}.${key}`, errors)
    else {
      // Upstream looks no further in this struct.
      errors.push(`${path}.${key}: field not declared in schema`)
      return
    }
  }
}

function check(type: FieldType, value: unknown, path: string, errors: string[], field?: Field): void {
  if (value === null || errors.length >= errorsMax) return
  if (type.kind === 'scalar') checkScalar(type.name, value, path, errors)
  else if (type.kind === 'list') {
    if (Array.isArray(value)) checkList(type.of, value, path, errors, field)
    else errors.push(`${path}: expected list, got &{${formatGoValue(value)}}`)
  } else if (!isObject(value)) errors.push(`${path}: expected map, got &{${formatGoValue(value)}}`)
  else if (type.kind === 'struct') checkStruct(type.shape, value, path, errors)
  else for (const key of Object.keys(value)) check(type.of, value[key], `${path}.${key}`, errors)
}

function checkList(of: FieldType, list: unknown[], path: string, errors: string[], field?: Field): void {
  const name = namerOf(field)
  const seen = new Set<string>()
  for (const [index, element] of list.entries()) {
    const named = name?.(element)
    if (typeof named === 'string') {
      errors.push(`${path}: element ${index}: ${named}`)
      return
    }
    const text = named ? elementText(named.key) : `[${index}]`
    if (named && seen.has(named.key)) errors.push(`${path}: duplicate entries for key ${text}`)
    if (named) seen.add(named.key)
    check(of, element, `${path}${text}`, errors)
  }
}

/** How elements of the field's list are told apart; nothing when the list is one whole. */
function namerOf(field?: Field): ((element: unknown) => ListItem | string) | undefined {
  if (field?.listType === 'set') return setItem
  if (field?.listType !== 'map' || field.type.kind !== 'list' || field.type.of.kind !== 'struct') return undefined
  const keys = listKeysOf(field)
  return (element) => keyedItem(keys, element)
}

function checkScalar(name: ScalarName, value: unknown, path: string, errors: string[]): void {
  if (value === null) return
  const wrong = scalarError(name, value)
  if (wrong) errors.push(`${path}: ${wrong}`)
}

function scalarError(name: ScalarName, value: unknown): string | undefined {
  switch (name) {
    case 'string':
    case 'bytes':
    case 'Time':
    case 'MicroTime':
    case 'Duration':
      return typeof value === 'string' ? undefined : `expected string, got &value.valueUnstructured{Value:${formatGoSyntax(value)}}`
    case 'bool':
      return typeof value === 'boolean' ? undefined : `expected boolean, got &{${formatGoValue(value)}}`
    case 'int32':
    case 'int64':
    case 'double':
      return typeof value === 'number' ? undefined : `expected numeric (int or float), got ${goTypeOfJSON(value)}`
    case 'Quantity':
    case 'IntOrString':
      return typeof value === 'object' ? `expected any scalar, got &{${formatGoValue(value)}}` : undefined
    default:
      return undefined
  }
}
