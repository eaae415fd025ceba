// Priority and fairness: every request has its turn at once here. What is left of it is to say to which FlowSchema and
// priority level a request belongs, as clients of a real server see it.
// Upstream: apiserver/pkg/util/flowcontrol/rule.go, apiserver/pkg/server/filters/priority-and-fairness.go
import type { IncomingMessage } from 'node:http'
import type { Plain, UserInfo } from '../machinery/index.js'
import type { Realm } from '../registry/index.js'
import { isTrue } from './query.js'
import { type RequestInfo, requestInfo } from './request-info.js'

/** Headers of the class a request belongs to; nothing when there is none. */
export type ClassifyFlow = (user: UserInfo, request: IncomingMessage) => Readonly<Record<string, string>> | undefined

interface Flow {
  rules: readonly Plain[]
  headers: Readonly<Record<string, string>>
}

const schemas = 'flowcontrol.apiserver.k8s.io/v1/flowschemas'
const levels = 'flowcontrol.apiserver.k8s.io/v1/prioritylevelconfigurations'

export function flowClassification({ store, hub }: Realm): ClassifyFlow {
  let flows: readonly Flow[] | undefined
  const forget = () => {
    flows = undefined
  }
  for (const resource of [schemas, levels]) hub.subscribe({ resource, namespace: '', notify: forget })
  return (user, request) => {
    flows ??= flowsOf(store)
    if (!flows.length) return undefined
    const asked = new Asked(request)
    return flows.find(({ rules }) => rules.some((rule) => matches(rule, user, asked)))?.headers
  }
}

/** In the order in which they are tried. */
function flowsOf(store: Realm['store']): Flow[] {
  const objects = store.list(schemas).map(({ object }) => object as Plain)
  const byPrecedence = objects.sort(
    (one, other) => one.spec.matchingPrecedence - other.spec.matchingPrecedence || (one.metadata.name < other.metadata.name ? -1 : 1),
  )
  return byPrecedence.flatMap(({ metadata, spec }) => {
    const level = store.get(levels, { namespace: '', name: spec.priorityLevelConfiguration?.name ?? '' })
    const uid = level?.object.metadata.uid
    if (!uid) return []
    return [{ rules: spec.rules ?? [], headers: { 'X-Kubernetes-Pf-Flowschema-Uid': metadata.uid, 'X-Kubernetes-Pf-Prioritylevel-Uid': uid } }]
  })
}

/** Method and path, taken apart only when a rule wants to know more than that there is a request. */
class Asked {
  readonly #request: IncomingMessage
  #info: RequestInfo | undefined
  #isRead = false

  constructor(request: IncomingMessage) {
    this.#request = request
  }

  get path(): string {
    return this.#request.url?.split('?', 1)[0] ?? '/'
  }

  get method(): string {
    return this.#request.method?.toLowerCase() ?? 'get'
  }

  /** What is asked of a resource; nothing for other paths. */
  get info(): RequestInfo | undefined {
    if (!this.#isRead) {
      this.#isRead = true
      const { method = 'GET', url = '/' } = this.#request
      const mark = url.indexOf('?')
      const isWatch = mark >= 0 && isTrue(new URLSearchParams(url.slice(mark)).get('watch'))
      this.#info = requestInfo({ method: method === 'HEAD' ? 'GET' : method, path: this.path, isWatch })
    }
    return this.#info
  }
}

function matches(rule: Plain, user: UserInfo, asked: Asked): boolean {
  if (!rule.subjects?.some((subject: Plain) => isSubject(subject, user))) return false
  const { info } = asked
  return info
    ? (rule.resourceRules ?? []).some((each: Plain) => matchesResource(each, info))
    : (rule.nonResourceRules ?? []).some((each: Plain) => includes(each.verbs, asked.method) && matchesPath(each.nonResourceURLs, asked.path))
}

function isSubject({ kind, user: one, group, serviceAccount }: Plain, user: UserInfo): boolean {
  if (kind === 'User') return one?.name === '*' || one?.name === user.username
  if (kind === 'Group') return group?.name === '*' || user.groups.includes(group?.name)
  const prefix = `system:serviceaccount:${serviceAccount?.namespace}:`
  return serviceAccount?.name === '*' ? user.username.startsWith(prefix) : user.username === prefix + serviceAccount?.name
}

function matchesResource(rule: Plain, { verb, group, resource, subresource, namespace }: RequestInfo): boolean {
  const asked = subresource ? `${resource}/${subresource}` : resource
  const isInScope = namespace ? includes(rule.namespaces, namespace) : rule.clusterScope === true
  return includes(rule.verbs, verb) && includes(rule.apiGroups, group) && includes(rule.resources, asked) && isInScope
}

function includes(list: readonly string[] | null | undefined, wanted: string): boolean {
  return list?.some((each) => each === '*' || each === wanted) ?? false
}

function matchesPath(list: readonly string[] | undefined, path: string): boolean {
  return list?.some((each) => each === '*' || each === path || (each.endsWith('/*') && path.startsWith(each.slice(0, -1)))) ?? false
}
