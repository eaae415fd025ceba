// Agreement: whatever has been accepted reads back in every form, by every way there is, and all of them say the same.
import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from '@grpc/grpc-js'
import { CORE_SCHEMA, load } from 'js-yaml'
import { canonicalize, decodeObject, isDecodeError, isObject, type Plain, type ResourceDefinition } from '../../src/machinery/index.js'
import { builtInResources } from '../../src/resources/index.js'
import { grpcClient, grpcWire } from '../grpc/wire.js'
import { linesOf } from '../support/lines.js'
import type { Checks } from './checks.js'
import { shapeOf } from './judge.js'
import { collectionOf } from './seeds.js'

export const agreementChecks = {
  forms: 'agreement: an object is the same in JSON, YAML and protobuf, and over gRPC',
  lists: 'agreement: a list has what its objects are, in every form, as a Table, and page by page',
  watches: 'agreement: a watch from the beginning tells what a list has',
  writes: 'agreement: what was read can be written back in JSON, YAML and protobuf, and changes nothing',
} as const

const protobuf = 'application/vnd.kubernetes.protobuf'
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'
const attemptsMax = 6

interface Reading {
  port: number
  grpcPort: number
  checks: Checks
  /** Of each kind, so many are looked at one by one. */
  objectsMax: number
}

/** Looks at everything that is there. */
export async function checkAgreement(reading: Reading): Promise<void> {
  const client = grpcClient(`127.0.0.1:${reading.grpcPort}`)
  for (const definition of builtInResources) {
    if (!definition.verbs.includes('list') || !definition.verbs.includes('get')) continue
    const problem = await listProblem(reading, definition)
    reading.checks.note(agreementChecks.lists, problem, () => definition.key)
    if (definition.verbs.includes('watch')) reading.checks.note(agreementChecks.watches, await watchProblem(reading, definition), () => definition.key)
    const { items } = objectOf(await get(reading, collectionOf(definition)))
    for (const { metadata } of spread(items as Plain[], reading.objectsMax)) await checkObject(reading, definition, metadata, client)
  }
  client.close()
}

/** Some of many, from everywhere. */
const spread = <Item>(items: readonly Item[], most: number): Item[] => items.filter((_item, index) => index % Math.ceil(items.length / most) === 0)

interface Got {
  code: number
  bytes: Buffer
}

async function ask({ port }: Pick<Reading, 'port'>, path: string, init: RequestInit = {}): Promise<Got> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, init)
  return { code: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) }
}

const get = (reading: Reading, path: string, accept = 'application/json') => ask(reading, path, { headers: { accept } })
const objectOf = ({ bytes }: Got) => JSON.parse(bytes.toString()) as Plain
const yamlOf = ({ bytes }: Got) => load(bytes.toString(), { schema: CORE_SCHEMA }) as Plain

function fromProtobuf({ bytes }: Pick<Got, 'bytes'>): Plain {
  const decoded = decodeObject(bytes, { apiVersion: '', kind: '' }, shapeOf)
  if ('error' in decoded) throw new Error(decoded.error)
  return canonical(decoded.object)
}

function canonical(object: Plain): Plain {
  const shape = shapeOf(object.apiVersion, object.kind)
  const result = shape && canonicalize(shape, object)
  if (!result) throw new Error(`no shape of ${object.apiVersion} ${object.kind}`)
  if (isDecodeError(result)) throw new Error(result.message)
  return result.object
}

const comparable = (object: Plain): string => JSON.stringify(sorted(object))

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isObject(value)) return value
  const keys = Object.keys(value).sort()
  return Object.fromEntries(keys.map((key) => [key, sorted(key === 'volumeClaimTemplates' ? withoutInnerKinds(value[key]) : value[key])]))
}

/** Claims inside of StatefulSets print their kind in JSON, and protobuf has no room for it. */
function withoutInnerKinds(claims: unknown): unknown {
  return Array.isArray(claims) ? claims.map(({ kind: _kind, apiVersion: _apiVersion, ...claim }: Plain) => claim) : claims
}

/** @returns nothing when all are alike, else what the first difference is between */
function firstDifference(forms: readonly (readonly [name: string, object: Plain])[]): string | undefined {
  const [[firstName, first], ...others] = forms
  const wanted = comparable(first)
  const different = others.find(([, object]) => comparable(object) !== wanted)
  if (!different) return undefined
  const found = comparable(different[1])
  let at = 0
  while (wanted[at] === found[at]) at++
  return `${firstName} has ${wanted.slice(Math.max(at - 60, 0), at + 60)} where ${different[0]} has ${found.slice(Math.max(at - 60, 0), at + 60)}`
}

/** Controllers may write between two readings: then it is looked at again. */
async function unchanged(look: () => Promise<{ versions: unknown[]; problem: string | undefined }>): Promise<string | undefined> {
  for (let attempt = 1; ; attempt++) {
    const { versions, problem } = await look().catch((error: Error) => ({ versions: [], problem: error.message }))
    if (!problem || attempt === attemptsMax) return problem
    if (new Set(versions).size === 1 && versions.length > 0 && attempt > 1) return problem
    await pause(20)
  }
}

async function checkObject(reading: Reading, definition: ResourceDefinition, { namespace, name }: Plain, client: Client): Promise<void> {
  const path = `${collectionOf(definition, namespace)}/${encodeURIComponent(name)}`
  const wires = (['typed', 'generic'] as const).map((form) => grpcWire(client, form)).filter((wire) => wire.serves(definition))
  const problem = await unchanged(async () => {
    const json = await get(reading, path)
    if (json.code === 404) return { versions: [], problem: undefined }
    const forms: [string, Plain][] = [
      ['JSON', objectOf(json)],
      ['YAML', yamlOf(await get(reading, path, 'application/yaml'))],
      ['protobuf', fromProtobuf(await get(reading, path, protobuf))],
    ]
    for (const wire of wires) forms.push([wire.name, await wire.get(definition, { namespace: namespace ?? '', name })])
    return { versions: forms.map(([, { metadata }]) => metadata?.resourceVersion), problem: firstDifference(forms) }
  })
  reading.checks.note(agreementChecks.forms, problem, () => path)
  if (definition.verbs.includes('update')) reading.checks.note(agreementChecks.writes, await writeProblem(reading, path), () => path)
}

async function writeProblem(reading: Reading, path: string): Promise<string | undefined> {
  for (const type of ['application/json', 'application/yaml', protobuf]) {
    const problem = await unchanged(async () => {
      const read = await get(reading, path, type)
      if (read.code === 404) return { versions: [], problem: undefined }
      const written = await ask(reading, path, { method: 'PUT', headers: { 'content-type': type, accept: type }, body: new Uint8Array(read.bytes) })
      if (written.code === 409 || written.code === 404) return { versions: [], problem: `${type}: ${written.code}` }
      // What has been accepted in one way may be refused when it is changed in another, in words of upstream.
      if (written.code === 422 || written.code === 403) return { versions: [], problem: undefined }
      const isSame = written.code === 200 && written.bytes.equals(read.bytes)
      return { versions: [1], problem: isSame ? undefined : `${type}: ${written.code} ${written.bytes.subarray(0, 300)}` }
    })
    // Controllers are at it: that is no finding.
    if (problem && !/: 40[49]$/.test(problem)) return problem
  }
  return undefined
}

const placesOf = (items: readonly Plain[]) => items.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name} ${metadata.resourceVersion}`).sort()
const withKind = (definition: ResourceDefinition) => (item: Plain) => ({ ...item, kind: definition.kind, apiVersion: definition.apiVersion })

async function listProblem(reading: Reading, definition: ResourceDefinition): Promise<string | undefined> {
  const path = collectionOf(definition)
  return unchanged(async () => {
    const json = objectOf(await get(reading, path))
    const yaml = yamlOf(await get(reading, path, 'application/yaml'))
    const binary = decodedList(await get(reading, path, protobuf))
    const rows = objectOf(await get(reading, path, table))
    const paged = await pages(reading, path)
    const versions = [json, yaml, binary, rows].map(({ metadata }) => metadata.resourceVersion)
    const named = (list: Plain): Plain => ({ items: (list.items ?? []).map((item: Plain) => canonical(withKind(definition)(item))) })
    const wanted = named(json)
    const problem =
      firstDifference([
        ['JSON', wanted],
        ['YAML', named(yaml)],
        ['protobuf', named(binary)],
        ['pages', named({ items: paged })],
      ]) ??
      firstDifference([
        ['list', { places: placesOf(json.items) }],
        ['Table', { places: placesOf((rows.rows ?? []).map(({ object }: Plain) => object)) }],
      ])
    return { versions, problem }
  })
}

function decodedList({ bytes }: Got): Plain {
  const decoded = decodeObject(bytes, { apiVersion: '', kind: '' }, shapeOf)
  if ('error' in decoded) throw new Error(decoded.error)
  return decoded.object
}

async function pages(reading: Reading, path: string): Promise<Plain[]> {
  const items: Plain[] = []
  let token = ''
  do {
    const page = objectOf(await get(reading, `${path}?limit=7&continue=${encodeURIComponent(token)}`))
    if (page.kind === 'Status') throw new Error(`a page is refused: ${page.message}`)
    items.push(...page.items)
    token = page.metadata.continue ?? ''
  } while (token)
  return items
}

async function watchProblem(reading: Reading, definition: ResourceDefinition): Promise<string | undefined> {
  const query = '?watch=1&resourceVersion=0&timeoutSeconds=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'
  return unchanged(async () => {
    const list = objectOf(await get(reading, collectionOf(definition)))
    const told = await initialEvents(reading, `${collectionOf(definition)}${query}`)
    const versions = [list.metadata.resourceVersion, told.version]
    const named = list.items.map((item: Plain) => sorted(withKind(definition)(item)))
    return {
      versions,
      problem: firstDifference([
        ['the list', { items: named.map(comparable).sort() }],
        ['the watch', { items: told.objects.map(comparable).sort() }],
      ]),
    }
  })
}

/** What a watch tells until it says that this was the beginning. */
async function initialEvents({ port }: Reading, path: string): Promise<{ objects: Plain[]; version: string }> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`)
  const objects: Plain[] = []
  for await (const line of linesOf(answer.body as AsyncIterable<Uint8Array>)) {
    const { type, object } = JSON.parse(line) as { type: string; object: Plain }
    if (type === 'BOOKMARK') return { objects, version: object.metadata.resourceVersion }
    if (type !== 'ADDED') throw new Error(`the watch begins with ${line.slice(0, 200)}`)
    objects.push(object)
  }
  throw new Error('the watch never came to the end of its beginning')
}
