// FieldOrder: the order in which the real API prints the fields of a type, read from the table of types.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isObject, type Plain } from '../../src/machinery/index.js'

/** Names of fields in order, and the types of those that have fields themselves. */
type Fields = Map<string, string>

const file = join(import.meta.dirname, '..', '..', 'schema', 'types.txt')
const { types, kinds } = readTypes(readFileSync(file, 'utf8'))

/** @returns one line for each place in which members stand in another order than the table says */
export function misorderedMembers(object: Plain): string[] {
  const type = kinds.get(`${object.apiVersion} ${object.kind}`)
  return type ? misordered(object, type, '') : [`${object.apiVersion} ${object.kind} is not in the table of types`]
}

function misordered(value: unknown, type: string, at: string): string[] {
  const [, container, element] = /^(\[\]|map\[string\])?(.*)$/.exec(type) as RegExpExecArray
  if (!types.has(element)) return []
  if (Array.isArray(value)) return value.flatMap((each, index) => misordered(each, element, `${at}[${index}]`))
  if (!isObject(value)) return []
  if (container === 'map[string]') return Object.entries(value).flatMap(([key, each]) => misordered(each, element, `${at}.${key}`))
  const fields = types.get(element) as Fields
  const actual = Object.keys(value).filter((name) => fields.has(name))
  const wanted = [...fields.keys()].filter((name) => name in value)
  const own = actual.join() === wanted.join() ? [] : [`${at}: expected members in the order ${wanted.join(', ')}, got ${actual.join(', ')}`]
  return [...own, ...actual.flatMap((name) => misordered(value[name], fields.get(name) as string, `${at}.${name}`))]
}

function readTypes(table: string) {
  const types = new Map<string, Fields>()
  const kinds = new Map<string, string>()
  let alias = ''
  let apiVersion = ''
  let fields: Fields = new Map()
  for (const line of table.split('\n')) {
    const [first, second, ...words] = line.trim().split(' ')
    if (line.startsWith('package ')) {
      alias = second
      const [group, version] = words.slice(0, 2).map((word) => word.split('=')[1])
      apiVersion = group ? `${group}/${version}` : version
    } else if (line.startsWith('type ')) {
      // Kind and API version are no fields of the table, but the first to be printed.
      fields = new Map(words.includes('typeMeta') ? [['kind', 'string'] as const, ['apiVersion', 'string'] as const] : [])
      types.set(`${alias}.${second}`, fields)
      if (words.includes('kind')) kinds.set(`${apiVersion} ${second}`, `${alias}.${second}`)
    } else if (line.startsWith('  ')) fields.set(first, second)
  }
  return { types: new Map([...types].map(([name, each]) => [name, spread(each, types)])), kinds }
}

/** Fields of an embedded type (`...name`) are printed in its place. */
function spread(fields: Fields, types: ReadonlyMap<string, Fields>): Fields {
  return new Map([...fields].flatMap(([name, type]) => (name.startsWith('...') ? [...spread(types.get(type) as Fields, types)] : [[name, type] as const])))
}
