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
  const errors: string[] = []
  checkStruct(shape, configuration, undefined, errors)
  if (errors.length < 2) return errors[0]
  return ['errors:', ...errors.map((error) => `  ${error}`)].join('\n')
}

// A report longer than this serves nobody.
const errorsMax = 100

/** Where a value stands. Its text is made for what is wrong, which is hardly ever anything. */
type Path = { above: Path; member: string } | { above: Path; element: string | number } | undefined

function textOf(path: Path): string {
  if (!path) return ''
  if ('member' in path) return `${textOf(path.above)}.${path.member}`
  return `${textOf(path.above)}${typeof path.element === 'number' ? `[${path.element}]` : elementText(path.element)}`
}

function checkStruct(shape: Shape, value: Plain, path: Path, errors: string[]): void {
  for (const key in value) {
    const field = shape.field.get(key)
    if (field) check(field.type, value[key], { above: path, member: key }, errors, field)
    else if (shape.hasTypeMeta && (key === 'kind' || key === 'apiVersion')) checkScalar('string', value[key], { above: path, member: key }, errors)
    else {
      // Upstream looks no further in this struct.
      errors.push(`${textOf(path)}.${key}: field not declared in schema`)
      return
    }
  }
}

function check(type: FieldType, value: unknown, path: Path, errors: string[], field?: Field): void {
  if (value === null || errors.length >= errorsMax) return
  if (type.kind === 'scalar') checkScalar(type.name, value, path, errors)
  else if (type.kind === 'list') {
    if (Array.isArray(value)) checkList(type.of, value, path, errors, field)
    else errors.push(`${textOf(path)}: expected list, got &{${formatGoValue(value)}}`)
  } else if (!isObject(value)) errors.push(`${textOf(path)}: expected map, got &{${formatGoValue(value)}}`)
  else if (type.kind === 'struct') checkStruct(type.shape, value, path, errors)
  else for (const key in value) check(type.of, value[key], { above: path, member: key }, errors)
}

function checkList(of: FieldType, list: unknown[], path: Path, errors: string[], field?: Field): void {
  const name = namerOf(field)
  const seen = new Set<string>()
  for (let index = 0; index < list.length; index++) {
    const element = list[index]
    const named = name?.(element)
    if (typeof named === 'string') {
      errors.push(`${textOf(path)}: element ${index}: ${named}`)
      return
    }
    if (named && seen.has(named.key)) errors.push(`${textOf(path)}: duplicate entries for key ${elementText(named.key)}`)
    if (named) seen.add(named.key)
    check(of, element, { above: path, element: named ? named.key : index }, errors)
  }
}

/** How elements of the field's list are told apart; nothing when the list is one whole. */
function namerOf(field?: Field): ((element: unknown) => ListItem | string) | undefined {
  if (field?.listType === 'set') return setItem
  if (field?.listType !== 'map' || field.type.kind !== 'list' || field.type.of.kind !== 'struct') return undefined
  const keys = listKeysOf(field)
  return (element) => keyedItem(keys, element)
}

function checkScalar(name: ScalarName, value: unknown, path: Path, errors: string[]): void {
  if (value === null) return
  const wrong = scalarError(name, value)
  if (wrong) errors.push(`${textOf(path)}: ${wrong}`)
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
