// From method and URL to what is asked of which resource. The only file that knows URLs.
// Upstream: apiserver/pkg/endpoints/request/requestinfo.go

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection'

export interface RequestInfo {
  verb: Verb
  group: string
  version: string
  /** `v1`, `apps/v1` */
  apiVersion: string
  /** Plural. */
  resource: string
  subresource: string
  /** What follows the subresource: the path of a proxy request. */
  rest: string[]
  namespace: string
  name: string
}

export interface Target {
  method: string
  /** Without the query. */
  path: string
  isWatch: boolean
}

/** Namespaces' own subresources; any other third segment is a resource inside the namespace. */
const namespaceSubresources = new Set(['status', 'finalize'])

/** @returns nothing when the path is under no API prefix or is malformed */
export function requestInfo({ method, path, isWatch }: Target): RequestInfo | undefined {
  const segments = decodeSegments(path)
  if (!segments) return undefined
  const prefix = segments.shift()
  if (prefix !== 'api' && prefix !== 'apis') return undefined
  const group = prefix === 'apis' ? segments.shift() : ''
  const version = segments.shift()
  if (group === undefined || !version || !segments.length) return undefined
  let verb = verbOf(method)
  if (!verb) return undefined
  let watches = isWatch
  if (segments[0] === 'watch') {
    segments.shift()
    watches = true
  }
  const place = placeOf(segments)
  if (!place.resource) return undefined
  if (verb === 'get' && watches && !place.subresource) verb = 'watch'
  else if (verb === 'get' && !place.name) verb = 'list'
  else if (verb === 'delete' && !place.name) verb = 'deletecollection'
  return { verb, group, version, apiVersion: group ? `${group}/${version}` : version, ...place }
}

function decodeSegments(path: string): string[] | undefined {
  try {
    return path.split('/').filter(Boolean).map(decodeURIComponent)
  } catch {
    return undefined
  }
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

function placeOf(segments: string[]): Pick<RequestInfo, 'resource' | 'subresource' | 'rest' | 'namespace' | 'name'> {
  if (segments[0] === 'namespaces' && segments.length > 2 && !namespaceSubresources.has(segments[2])) {
    const [, namespace, resource, name = '', subresource = '', ...rest] = segments
    return { resource, subresource, rest, namespace, name }
  }
  const [resource = '', name = '', subresource = '', ...rest] = segments
  return { resource, subresource, rest, namespace: '', name }
}
