// GET of a collection: pages of one consistent snapshot.
// Upstream: apiserver/pkg/storage/etcd3/store.go GetList, apiserver/pkg/storage/continue.go
import { status } from '../machinery/index.js'
import type { Stored } from '../storage/index.js'
import { parseResourceVersion, requireReached } from './read.js'
import { type Call, objectOf, type Realm, refuse } from './realm.js'
import { type Selection, type SelectorOptions, selectionOf } from './selection.js'

export interface ListOptions extends SelectorOptions {
  /** 0 or absent: everything. */
  limit?: number
  continue?: string
  resourceVersion?: string
  resourceVersionMatch?: string
}

export interface ListAnswer {
  items: readonly Stored[]
  /** Between the first and the last nothing was left out. */
  isWhole: boolean
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number }
}

/** @throws {StatusError} */
export function list(realm: Realm, call: Call, options: ListOptions): ListAnswer {
  const selection = selectionOf(call.definition, options)
  const start = startOf(realm, options)
  const all = itemsAt(realm, call, start)
  return pageOf(call, all, { selection, start, limit: start.isCached ? 0 : (options.limit ?? 0) })
}

interface Start {
  revision: number
  /** The page goes on after this path, relative to the collection. */
  after?: string
  /** resourceVersion=0: served whole, as upstream's cache does. */
  isCached: boolean
}

function startOf(realm: Realm, options: ListOptions): Start {
  const { revision } = realm.store
  if (options.continue) return continuation(realm, options.continue, options.resourceVersion ?? '')
  const asked = parseResourceVersion(options.resourceVersion ?? '', (message) => status.badRequest(`invalid resource version: ${message}`))
  requireReached(realm, asked)
  const isExact = options.resourceVersionMatch === 'Exact' || (!options.resourceVersionMatch && asked > 0 && (options.limit ?? 0) > 0)
  return { revision: isExact && asked > 0 ? asked : revision, isCached: options.resourceVersion === '0' }
}

function itemsAt(realm: Realm, { definition, namespace }: Call, start: Start): readonly Stored[] {
  const { store } = realm
  if (start.revision === store.revision) return store.list(definition.storedAs.key, namespace)
  const items = store.listAt(start.revision, definition.storedAs.key, namespace)
  if (items !== 'compacted') return items
  if (start.after === undefined) return refuse(status.expired('The resourceVersion for the provided list is too old.'))
  const expired = status.expired(continueTooOld)
  return refuse({ ...expired, metadata: { continue: encodeToken(-1, start.after) } })
}

const continueTooOld =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.'

interface Page {
  selection: Selection
  start: Start
  limit: number
}

function pageOf(call: Call, all: readonly Stored[], { selection, start, limit }: Page): ListAnswer {
  const { after } = start
  const from = after === undefined ? 0 : firstAfter(call, all, after)
  const resourceVersion = String(start.revision)
  if (selection.isEverything && (limit <= 0 || all.length - from <= limit)) {
    return { items: from === 0 ? all : all.slice(from), isWhole: true, metadata: { resourceVersion } }
  }
  const items: Stored[] = []
  const isWhole = selection.isEverything
  let index = from
  for (; index < all.length && (limit <= 0 || items.length < limit); index++) {
    if (isWhole || selection.matches(objectOf(call.definition, all[index]))) items.push(all[index])
  }
  if (index === all.length) return { items, isWhole, metadata: { resourceVersion } }
  const token = encodeToken(start.revision, relativePath(call, items[items.length - 1]))
  const remainingItemCount = all.length - index
  return { items, isWhole, metadata: { resourceVersion, continue: token, ...(isWhole ? { remainingItemCount } : {}) } }
}

function relativePath(call: Call, { namespace, name }: Stored): string {
  return call.namespace || !namespace ? name : `${namespace}/${name}`
}

function firstAfter(call: Call, all: readonly Stored[], after: string): number {
  let low = 0
  let high = all.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (relativePath(call, all[middle]) <= after) low = middle + 1
    else high = middle
  }
  return low
}

// The same token as upstream's: meta.k8s.io/v1, the revision, the key to go on from.
function encodeToken(revision: number, after: string): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: revision, start: `${after}\u0000` })).toString('base64url')
}

function continuation(realm: Realm, token: string, resourceVersion: string): Start {
  const decoded = decodeToken(token)
  if (!decoded) return refuse(status.badRequest(`invalid continue token: continue key is not valid${jsonCause(token)}`))
  if (resourceVersion !== '' && resourceVersion !== '0') return refuse(status.badRequest('specifying resource version is not allowed when using continue'))
  const revision = decoded.revision < 0 ? realm.store.revision : decoded.revision
  requireReached(realm, revision)
  return { revision, after: decoded.after, isCached: false }
}

function decodeToken(token: string): { revision: number; after: string } | undefined {
  try {
    const { v, rv, start } = JSON.parse(Buffer.from(token, 'base64url').toString()) as Record<string, unknown>
    if (v !== 'meta.k8s.io/v1' || !Number.isSafeInteger(rv) || rv === 0 || typeof start !== 'string' || !start.endsWith('\u0000')) return undefined
    return { revision: rv as number, after: start.slice(0, -1) }
  } catch {
    return undefined
  }
}

// What Go's decoder says of a first byte that begins no JSON value.
function jsonCause(token: string): string {
  const first = Buffer.from(token, 'base64url')[0]
  if (first === undefined) return ': unexpected end of JSON input'
  if (first === 0x7b) return ''
  const shown = first < 0x20 || first > 0x7e ? `\\u${first.toString(16).padStart(4, '0')}` : String.fromCharCode(first)
  return `: invalid character '${shown}' looking for beginning of value`
}
