// How Go prints JSON values. Some messages of the API hold a piece of the request in this spelling.
import { quote } from './field-error.js'

type Members = Record<string, unknown>

/** Go's %v: `map[image:x ports:[80 81]]`. */
export function formatGoValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(formatGoValue).join(' ')}]`
  if (typeof value !== 'object') return String(value)
  const members = value as Members
  return `map[${sortedKeys(members)
    .map((key) => `${key}:${formatGoValue(members[key])}`)
    .join(' ')}]`
}

/** Go's %#v: `map[string]interface {}{"image":"x"}`. */
export function formatGoSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)'
  if (typeof value === 'string') return quote(value)
  if (Array.isArray(value)) return `[]interface {}{${value.map(formatGoSyntax).join(', ')}}`
  if (typeof value !== 'object') return String(value)
  const members = value as Members
  return `map[string]interface {}{${sortedKeys(members)
    .map((key) => `${quote(key)}:${formatGoSyntax(members[key])}`)
    .join(', ')}}`
}

/** What Go's decoder calls a JSON value. */
export function jsonTypeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  return value === null ? 'null' : typeof value === 'boolean' ? 'bool' : typeof value
}

/** Go's %T of a JSON value. */
export function goTypeOfJSON(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return '[]interface {}'
  if (typeof value === 'object') return 'map[string]interface {}'
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64'
  return typeof value === 'boolean' ? 'bool' : 'string'
}

function sortedKeys(members: Members): string[] {
  return Object.keys(members).sort()
}
