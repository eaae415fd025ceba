// The roles and bindings of a fresh cluster, read from their compact form.
import type { KubeObject, ObjectMeta } from '../../machinery/index.js'
import { clusterRole } from '../rbac/cluster-role.js'
import { clusterRoleBinding } from '../rbac/cluster-role-binding.js'
import { role } from '../rbac/role.js'
import { roleBinding } from '../rbac/role-binding.js'
import { aggregateRules } from '../rbac/rules.js'
import type { ClusterRole, PolicyRule, Subject } from '../shapes/rbac-v1.js'
import type { BootstrapWrite } from './bootstrap-write.js'
import { clusterRoleLines } from './cluster-roles.js'
import { controllerRoleLines } from './controller-roles.js'
import { clusterRoleBindingLines, roleBindingLines, roleLines } from './role-bindings.js'

const group = 'rbac.authorization.k8s.io'
const apiVersion = `${group}/v1`
const controllerPrefix = 'system:controller:'
const labels = { 'kubernetes.io/bootstrapping': 'rbac-defaults' }
const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'true' }

/** Cluster roles, their bindings, roles, their bindings; then what is gathered into the roles that consist of others. */
export function rbacObjects(): BootstrapWrite[] {
  const controllers = readRoles(controllerRoleLines).map((each) => ({ ...each, name: controllerPrefix + each.name }))
  const clusterRoles = [...readRoles(clusterRoleLines), ...controllers].sort(byName).map(clusterRoleOf)
  const manager = 'kube-apiserver'
  const controllerBindings = controllers.map(({ name }) => `${name} ClusterRole/${name} ServiceAccount/kube-system/${name.slice(controllerPrefix.length)}`)
  const clusterBindings = [...linesOf(clusterRoleBindingLines), ...controllerBindings].sort()
  return [
    ...clusterRoles.map((object) => ({ definition: clusterRole, object, manager })),
    ...clusterBindings.map((line) => ({ definition: clusterRoleBinding, object: bindingOf('ClusterRoleBinding', line), manager })),
    ...readRoles(roleLines).map(({ name, rules }) => ({
      definition: role,
      object: { kind: 'Role', apiVersion, metadata: metadataOf(name), rules } as KubeObject,
      manager,
    })),
    ...linesOf(roleBindingLines).map((line) => ({ definition: roleBinding, object: bindingOf('RoleBinding', line), manager })),
    ...gatheredRoles(clusterRoles),
  ]
}

interface RoleText {
  name: string
  /** The role it is gathered into, and the role it consists of the parts of. */
  partOf?: string
  whole?: string
  rules: PolicyRule[]
}

function linesOf(text: string): string[] {
  return text.split('\n').filter(Boolean)
}

function readRoles(text: string): RoleText[] {
  const roles: RoleText[] = []
  for (const line of linesOf(text)) {
    if (line.startsWith('  ')) roles[roles.length - 1].rules.push(readRule(line.slice(2)))
    else roles.push(readHead(line))
  }
  return roles
}

function readHead(line: string): RoleText {
  const [name, ...words] = line.split(' ')
  const word = (prefix: string) => words.find((each) => each.startsWith(prefix))?.slice(prefix.length)
  return { name, partOf: word('part-of='), whole: word('whole='), rules: [] }
}

const verbSets: Record<string, string> = { READ: 'get,list,watch', WRITE: 'create,delete,deletecollection,patch,update' }

function readRule(line: string): PolicyRule {
  const [first, second, third, names] = line.split(' ')
  const list = (text: string) => text.split(',').map((each) => (each === '-' ? '' : each))
  const verbs = list(verbSets[third] ?? third)
  if (first === 'url') return { verbs, nonResourceURLs: list(second) }
  return { verbs, apiGroups: list(first), resources: list(second), ...(names ? { resourceNames: list(names) } : {}) }
}

const aggregateTo = (name: string) => ({ [`${group}/aggregate-to-${name}`]: 'true' })

function clusterRoleOf({ name, partOf, whole, rules }: RoleText): ClusterRole {
  const metadata = { ...metadataOf(name), labels: { ...labels, ...(partOf ? aggregateTo(partOf) : {}) } }
  if (!whole) return { kind: 'ClusterRole', apiVersion, metadata, rules }
  return { kind: 'ClusterRole', apiVersion, metadata, rules: null, aggregationRule: { clusterRoleSelectors: [{ matchLabels: aggregateTo(whole) }] } }
}

/** `name`, or `namespace/name`. */
function metadataOf(text: string): ObjectMeta {
  const [name, namespace] = text.split('/').reverse()
  return { name, ...(namespace ? { namespace } : {}), labels, annotations }
}

function bindingOf(kind: 'ClusterRoleBinding' | 'RoleBinding', line: string): KubeObject {
  const [name, roleText, ...subjectTexts] = line.split(' ')
  const [roleKind, roleName] = splitOnce(roleText)
  const subjects = subjectTexts.map(subjectOf)
  const roleRef = { apiGroup: group, kind: roleKind, name: roleName }
  return { kind, apiVersion, metadata: metadataOf(name), ...(subjects.length ? { subjects } : {}), roleRef } as KubeObject
}

function subjectOf(text: string): Subject {
  const [kind, rest] = splitOnce(text)
  if (kind !== 'ServiceAccount') return { kind, apiGroup: group, name: rest }
  const [namespace, name] = splitOnce(rest)
  return { kind, name, namespace }
}

function splitOnce(text: string): [string, string] {
  const at = text.indexOf('/')
  return [text.slice(0, at), text.slice(at + 1)]
}

// A whole may be a part of another, so parts come first.
const gatheringOrder = ['view', 'edit', 'admin']

function gatheredRoles(clusterRoles: readonly ClusterRole[]): BootstrapWrite[] {
  let current = clusterRoles
  return gatheringOrder.flatMap((name) => {
    const whole = current.find(({ metadata }) => metadata.name === name)
    if (!whole) return []
    const object = { ...whole, rules: aggregateRules(whole, current) }
    current = current.map((each) => (each === whole ? object : each))
    return [{ definition: clusterRole, object, manager: 'clusterrole-aggregation-controller', operation: 'Apply' as const }]
  })
}

const byName = (one: RoleText, other: RoleText) => (one.name < other.name ? -1 : 1)
