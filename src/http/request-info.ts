// From method and URL to what is asked of which resource. The only file that knows URLs.
// Upstream: apiserver/pkg/endpoints/request/requestinfo.go

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'

export interface RequestInfo {
  readonly verb: Verb
  readonly group: string
  readonly version: string
  /** `v1`, `apps/v1` */
  readonly apiVersion: string
  /** Plural. */
  readonly resource: string
  readonly subresource: string
  /** What follows the subresource: the path of a proxy request. */
  readonly rest: readonly string[]
  readonly namespace: string
  readonly name: string
}

export interface Target {
  method: string
  /** Without the query. */
  path: string
  isWatch: boolean
}

/** Namespaces' own subresources; any other third segment is a resource inside the namespace. */
const namespaceSubresources = new Set(['status', 'finalize'])

/** @returns nothing when the path is under no API prefix, is malformed or too short, or no resource knows the method */
export function requestInfo(target: Target): RequestInfo | undefined {
  const { method, path, isWatch } = target
  if (last && last.path === path && last.method === method && last.isWatch === isWatch) return last.info
  const info = readTarget(target)
  last = { method, path, isWatch, info }
  return info
}

// Several ask about one request, one after the other: for its metrics, for its class, to serve it.
let last: (Target & { info: RequestInfo | undefined }) | undefined

function readTarget({ method, path, isWatch }: Target): RequestInfo | undefined {
  const segments = decodeSegments(path)
  if (!segments) return undefined
  const prefix = segments.shift()
  if (prefix !== 'api' && prefix !== 'apis') return undefined
  const group = prefix === 'apis' ? segments.shift() : ''
  const version = segments.shift()
  if (group === undefined || !version || !segments.length) return undefined
  const verb = verbOf(method)
  if (!verb) return undefined
  // Paths of their own for watches are old, and still served.
  const isWatchPath = segments[0] === 'watch' && segments.length > 1
  const place = placeOf(isWatchPath ? segments.slice(1) : segments)
  return { verb: verbAt(verb, place, { isWatchPath, isWatch }), group, version, apiVersion: group ? `${group}/${version}` : version, ...place }
}

type Place = Pick<RequestInfo, 'resource' | 'subresource' | 'rest' | 'namespace' | 'name'>

/** One name is read, a collection is listed; only a collection, or a path that says so, is watched. */
function verbAt(verb: Verb, { name, subresource }: Place, { isWatchPath, isWatch }: { isWatchPath: boolean; isWatch: boolean }): Verb {
  if (verb === 'get' && isWatchPath && !subresource) return 'watch'
  if (verb === 'get' && !name) return isWatch ? 'watch' : 'list'
  return verb === 'delete' && !name ? 'deletecollection' : verb
}

/** A slash is one, however it is written; at the end it says nothing. An empty segment in the middle is no name of anything. */
function decodeSegments(path: string): string[] | undefined {
  const decoded = path.includes('%') ? decode(path) : path
  if (decoded === undefined) return undefined
  let end = decoded.length
  while (end > 1 && decoded.charCodeAt(end - 1) === slash) end--
  const segments = decoded.slice(1, end).split('/')
  return segments.includes('') ? undefined : segments
}

function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}

const slash = 0x2f

/**
 * Whether a path belongs to the part of the API that answers in Statuses even where nothing is served.
 * @param isServedGroup whether there is such a group in any version
 */
export function isInsideAPI(path: string, isServedGroup: (group: string) => boolean): boolean {
  const [, prefix, group] = path.split('/', 3)
  return prefix === 'api' || (prefix === 'apis' && group !== undefined && isServedGroup(group))
}

function verbOf(method: string): Verb | undefined {
  switch (method) {
    case 'GET':
      return 'get'
    case 'POST':
      return 'create'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    case 'DELETE':
      return 'delete'
    default:
      return undefined
  }
}

function placeOf(segments: string[]): Place {
  if (segments[0] === 'namespaces' && segments.length > 2 && !namespaceSubresources.has(segments[2])) {
    const [, namespace, resource, name = '', subresource = '', ...rest] = segments
    return { resource, subresource, rest, namespace, name }
  }
  const [resource = '', name = '', subresource = '', ...rest] = segments
  return { resource, subresource, rest, namespace: '', name }
}
