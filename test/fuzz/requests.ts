// Requests of the fuzzer: each follows from the seed of the run and its own number.
import { isObject, type Plain } from '../../src/machinery/index.js'
import { garbled, mutated } from '../support/chance.js'
import { jsonBytes, mutatedObject, protobufBytes, yamlBytes } from './bodies.js'
import { type Chance, chanceFor, happens, oneOf } from './chance.js'
import { type Header, someHeaders } from './headers.js'
import { patchValue } from './patches.js'
import { collectionOf, filledIn, namespaces, recorded, recordedSeed, type Seed, sampleSeed, samples } from './seeds.js'
import { asTarget, mayWatch, mutatedPath, someQuery } from './targets.js'
import { contentTypes, plainPaths } from './values.js'

export interface FuzzRequest {
  index: number
  method: string
  target: string
  headers: readonly Header[]
  body?: Buffer
  /** The body goes in pieces. */
  isChunked: boolean
  /** Its answer may go on for long. */
  isWatch: boolean
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY', 'PROPFIND', 'LINK', 'M-SEARCH'] as const
const keepingEvery = 19

export function requestOf(seed: number, index: number): FuzzRequest {
  const next = chanceFor(seed, index)
  // So that there is always something to ask about, and never too much.
  const kept = index % keepingEvery === 0 ? housekeeping(Math.floor(index / keepingEvery), next) : undefined
  const given = kept ?? (happens(3, next) ? { method: 'GET', path: oneOf(plainPaths, next) } : happens(40, next) ? recordedSeed(next) : sampleSeed(next))
  const isLeft = kept !== undefined || happens(25, next)
  const changes = (percent: number) => !isLeft && happens(percent, next)
  const method = changes(6) ? oneOf(methods, next) : given.method
  const [path, query = ''] = given.path.split('?', 2)
  const options = changes(35) ? someQuery(next) : ''
  const isApply = given.contentType?.startsWith('application/apply') && happens(90, next) && !query.includes('fieldManager')
  const queries = [query, isApply ? `fieldManager=manager-${next(3)}&force=${next(2) === 1}` : '', options].filter(Boolean)
  const sent = given.body === undefined && !changes(5) ? undefined : bodyOf(given, changes(70), next)
  if (sent?.isTrial) queries.push('dryRun=All')
  const target = asTarget(`${changes(18) ? mutatedPath(path, next) : path}${queries.length ? `?${queries.join('&')}` : ''}`)
  const contentType = sent && changes(8) ? oneOf(contentTypes, next) : sent?.contentType
  const headers = someHeaders({ accept: given.accept, contentType }, changes(25), next)
  return { index, method, target, headers, body: sent?.bytes, isChunked: sent !== undefined && changes(10), isWatch: mayWatch(target) }
}

/** Namespaces and samples are there again where they had been deleted, and heaps are cleared away. */
function housekeeping(turn: number, next: Chance): Seed {
  if (turn % 12 === 0)
    return { method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name: namespaces[Math.floor(turn / 12) % namespaces.length] } } }
  const { definition, object } = oneOf(samples, next)
  if (turn % 12 === 6) return { method: 'DELETE', path: collectionOf(definition, oneOf(namespaces, next)), definition }
  return { method: 'POST', path: collectionOf(definition, namespaces[0]), body: object, definition }
}

/** What is to be there before the first request. */
export function stage(): FuzzRequest[] {
  const next = chanceFor(0, 0)
  const posts: Seed[] = [
    ...namespaces.map((name) => ({ method: 'POST', path: '/api/v1/namespaces', body: { metadata: { name } } })),
    ...samples.map(({ definition, object }) => ({ method: 'POST', path: collectionOf(definition, namespaces[0]), body: object })),
    ...recorded.filter(({ method }) => method === 'POST').map((request) => filledIn(request, namespaces[0], next)),
  ]
  return posts.map(({ path, body, contentType = 'application/json' }) => ({
    index: -1,
    method: 'POST',
    target: path,
    headers: [
      ['Host', 'localhost'],
      ['Content-Type', contentType],
    ],
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    isChunked: false,
    isWatch: false,
  }))
}

interface SentBody {
  bytes: Buffer
  contentType: string | undefined
  /** It asks for more than a test should: only tried. */
  isTrial?: boolean
}

function bodyOf(seed: Seed, isMutated: boolean, next: Chance): SentBody {
  const { method, contentType, definition } = seed
  const given = seed.body ?? (definition ? samples.find((each) => each.definition === definition)?.object : undefined) ?? {}
  if (typeof given === 'string') return { bytes: isMutated ? yamlOrText(given, next) : Buffer.from(given), contentType }
  if (method === 'PATCH' && contentType) return patchBody(seed, given as Plain, isMutated, next)
  const value = isMutated ? mutatedObject(given, next) : given
  const isTame = asksForPods(seed)
  if (definition && method !== 'PATCH' && happens(22, next)) {
    const bytes = protobufBytes(definition, isTame ? tamed(value) : value, isMutated, next)
    if (bytes) return { bytes, contentType: 'application/vnd.kubernetes.protobuf', isTrial: isTame && isMutated }
  }
  const wild = isTame ? tamed(value) : value
  if (happens(18, next))
    return { bytes: isTame ? tamedBytes(yamlBytes(wild, isMutated, next)) : yamlBytes(wild, isMutated, next), contentType: 'application/yaml' }
  const bytes = jsonBytes(wild, isMutated, next)
  return { bytes: isTame ? tamedBytes(bytes) : bytes, contentType: contentType ?? 'application/json' }
}

function patchBody(seed: Seed, given: Plain, isMutated: boolean, next: Chance): SentBody {
  const contentType = seed.contentType as string
  // A recorded patch is one already; a sample is what is to be patched.
  const isWhole = isObject(given) && given.apiVersion !== undefined && given.kind !== undefined
  const value = isWhole ? patchValue(contentType, given, isMutated, next) : isMutated ? mutated(given, next) : given
  const print = contentType.includes('yaml') && happens(60, next) ? yamlBytes : jsonBytes
  const bytes = print(value, isMutated, next)
  return { bytes: asksForPods(seed) ? tamedBytes(bytes) : bytes, contentType }
}

const yamlOrText = (text: string, next: Chance) => (happens(50, next) ? yamlBytes(text, true, next) : garbled(Buffer.from(text), next))

const podMakers = /\/(?:deployments|replicasets|replicationcontrollers|statefulsets|daemonsets|jobs|cronjobs)\b/

/** A number of pods may stand in it, which the controllers would make, as the real ones do: a thousand times a thousand are no test. */
const asksForPods = ({ path }: Seed) => podMakers.test(path)

const tamed = (value: unknown): unknown => JSON.parse((JSON.stringify(value) ?? 'null').replace(/:-?\d{2,}(?:\.\d+)?(?:e[+-]?\d+)?/gi, ':3'))
const tamedBytes = (bytes: Buffer) => Buffer.from(bytes.toString('latin1').replace(/\d{3,}|\b\d+e\d+/gi, '3'), 'latin1')

/** The bytes of a request, as they go over the wire. */
export function bytesOf({ method, target, headers, body, isChunked }: FuzzRequest): Buffer {
  const framing: Header[] = !body ? [] : isChunked ? [['Transfer-Encoding', 'chunked']] : [['Content-Length', String(body.length)]]
  const lines = [`${method} ${target} HTTP/1.1`, ...[...headers, ...framing].map(([name, value]) => `${name}: ${value}`)]
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  if (!body) return head
  return Buffer.concat([head, isChunked ? chunksOf(body) : body])
}

function chunksOf(body: Buffer): Buffer {
  const size = Math.max(1, Math.ceil(body.length / 3))
  const parts: Buffer[] = []
  for (let at = 0; at < body.length; at += size) {
    const chunk = body.subarray(at, at + size)
    parts.push(Buffer.from(`${chunk.length.toString(16)};ext=1\r\n`), chunk, Buffer.from('\r\n'))
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')])
}

/** What a person needs to see of it. */
export function describeRequest(seed: number, request: FuzzRequest): string {
  const { index, method, target, headers, body } = request
  const shown = headers.filter(([name]) => name !== 'Host').map(([name, value]) => `${name}: ${value.slice(0, 120)}`)
  return `--seed ${seed} --from ${index} --requests 1: ${method} ${target.slice(0, 300)}\n${shown.join(', ').slice(0, 500)}\n${body ? body.toString('latin1').slice(0, 600) : '(no body)'}`
}
