// Acting as somebody else, by Impersonate- headers. AlwaysAllow lets everybody.
// Upstream: apiserver/pkg/endpoints/filters/impersonation.go
import { type Status, status, type UserInfo } from '../machinery/index.js'
import { serviceAccountGroups } from './service-account-authentication.js'

interface Impersonated {
  user: string
  uid: string
  groups: string[]
  extra: [key: string, value: string][]
}

const prefix = 'impersonate-'
const extraPrefix = 'impersonate-extra-'

/** Names and values by turns, as Node hands them over: only there do repeated headers stay apart. */
type RawHeaders = readonly string[]

/** @returns who the request is to be done as, or why it is not clear */
export function impersonate(user: UserInfo, rawHeaders: RawHeaders): UserInfo | Status {
  const asked = readHeaders(rawHeaders)
  if (!asked) return user
  if (asked.user) return impersonatedUser(asked)
  return status.badRequest(`requested [${describe(asked).join(' ')}] without impersonating a user`)
}

function readHeaders(rawHeaders: RawHeaders): Impersonated | undefined {
  let asked: Impersonated | undefined
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index].length < prefix.length || rawHeaders[index].slice(0, prefix.length).toLowerCase() !== prefix) continue
    const name = rawHeaders[index].toLowerCase()
    const value = rawHeaders[index + 1]
    const into = asked ?? { user: '', uid: '', groups: [], extra: [] }
    if (name === 'impersonate-user') into.user ||= value
    else if (name === 'impersonate-uid') into.uid ||= value
    else if (name === 'impersonate-group') into.groups.push(value)
    else if (name.startsWith(extraPrefix)) into.extra.push([decodeKey(name.slice(extraPrefix.length)), value])
    else continue
    asked = into
  }
  return asked && (asked.user || asked.uid || asked.groups.length || asked.extra.length) ? asked : undefined
}

function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}

const accountName = /^system:serviceaccount:([a-z0-9][a-z0-9-]*):([a-z0-9][a-z0-9.-]*)$/

function impersonatedUser({ user, uid, groups: given, extra }: Impersonated): UserInfo {
  const account = accountName.exec(user)
  const groups = given.length || !account ? [...given] : serviceAccountGroups(account[1])
  const isAnonymous = user === 'system:anonymous'
  const hasSystemGroup = groups.includes('system:unauthenticated') || (!isAnonymous && groups.includes('system:authenticated'))
  if (!hasSystemGroup) groups.push(isAnonymous ? 'system:unauthenticated' : 'system:authenticated')
  return { username: user, ...(uid ? { uid } : {}), groups, ...(extra.length ? { extra: gather(extra) } : {}) }
}

function gather(pairs: readonly [key: string, value: string][]): Record<string, string[]> {
  const gathered = new Map<string, string[]>()
  for (const [key, value] of pairs) gathered.set(key, [...(gathered.get(key) ?? []), value])
  return Object.fromEntries(gathered)
}

/** As Go prints the references upstream keeps of what was asked for. */
function describe({ groups, extra, uid }: Impersonated): string[] {
  const version = 'authentication.k8s.io/v1'
  return [
    ...groups.map((group) => `{Group  ${group}    }`),
    ...extra.map(([key, value]) => `{UserExtra  ${value}  ${version}  ${key}}`),
    ...(uid ? [`{UID  ${uid}  ${version}  }`] : []),
  ]
}
