// FreshCluster: what a real control plane without nodes contains before anyone has asked for anything, down to the last object.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isObject, type Plain } from '../../src/machinery/index.js'
import type { Client } from './client.js'
import { differences } from './comparison.js'
import { misorderedMembers } from './field-order.js'
import type { Outcome } from './outcome.js'
import { collectionOf, keyOf, resourceRows } from './resource-table.js'

interface Role {
  labels?: Record<string, string>
  /** The label of the roles whose rules it gathers. */
  aggregates?: string
  /** `verbs groups resources [names]`, or `verbs paths`; `core` is the group without a name. */
  rules: string[]
}
/** `ClusterRole/view`, then subjects: `Group/system:masters`, `ServiceAccount/kube-system/x`. */
type Binding = [role: string, ...subjects: string[]]

interface Fixture {
  /** By resource. A word in angle brackets stands for what differs from cluster to cluster. */
  objects: Record<string, Plain[]>
  clusterRoles: Record<string, Role>
  clusterRoleBindings: Record<string, Binding>
  /** By `namespace/name`. */
  roles: Record<string, Role>
  roleBindings: Record<string, Binding>
}

const fixture = JSON.parse(readFileSync(join(import.meta.dirname, 'fresh-cluster.json'), 'utf8')) as Fixture
const rbac = 'rbac.authorization.k8s.io'
// Two resources that are other views of the same objects, and one whose order is random.
const views = ['events.k8s.io/v1/events', 'autoscaling/v1/horizontalpodautoscalers', 'v1/componentstatuses']

/** Nobody may have written to the server before. */
export async function checkFreshCluster(client: Client): Promise<Outcome[]> {
  const expected: Record<string, Plain[]> = {
    ...fixture.objects,
    [`${rbac}/v1/clusterroles`]: Object.entries(fixture.clusterRoles).map(([key, role]) => roleOf('ClusterRole', key, role)),
    [`${rbac}/v1/clusterrolebindings`]: Object.entries(fixture.clusterRoleBindings).map(([key, binding]) => bindingOf('ClusterRoleBinding', key, binding)),
    [`${rbac}/v1/roles`]: Object.entries(fixture.roles).map(([key, role]) => roleOf('Role', key, role)),
    [`${rbac}/v1/rolebindings`]: Object.entries(fixture.roleBindings).map(([key, binding]) => bindingOf('RoleBinding', key, binding)),
  }
  const outcomes: Outcome[] = []
  for (const row of resourceRows.filter(({ verbs }) => verbs.includes('list'))) {
    if (views.includes(keyOf(row))) continue
    const { bytes } = await client.send({ method: 'GET', path: collectionOf(row) })
    const { kind, apiVersion, items } = JSON.parse(bytes.toString()) as Plain
    const found = ((items ?? []) as Plain[]).map((item) => ({ kind: kind.replace(/List$/, ''), apiVersion, ...item }))
    outcomes.push(...compared(keyOf(row), expected[keyOf(row)] ?? [], found))
  }
  return outcomes
}

function compared(resource: string, expected: readonly Plain[], found: readonly Plain[]): Outcome[] {
  const left = new Set(found)
  const outcomes = expected.map((object) => {
    const match = found.find((each) => left.has(each) && isNamed(each, object))
    const check = `fresh-cluster/${resource} ${nameOf(object)}`
    if (!match) return { check, differences: [': is not there'] }
    left.delete(match)
    const got = likened(object, withoutIdentity(match))
    return { check, differences: [...differences(object, got), ...misorderedMembers(match)] }
  })
  return [...outcomes, ...[...left].map((object) => ({ check: `fresh-cluster/${resource} ${nameOf(object)}`, differences: [': no real cluster has it'] }))]
}

const nameOf = ({ metadata: { namespace, name } }: Plain) => (namespace ? `${namespace}/${name}` : name)

function isNamed(object: Plain, expected: Plain): boolean {
  return likened(nameOf(expected), nameOf(object)) === nameOf(expected)
}

function withoutIdentity(object: Plain): Plain {
  const { uid, resourceVersion, creationTimestamp, managedFields, ...metadata } = object.metadata
  return { ...object, metadata }
}

/** The value with the placeholders of `expected` where it has something in their place. */
function likened(expected: unknown, got: unknown): unknown {
  if (Array.isArray(expected) && Array.isArray(got)) return got.map((each, index) => likened(expected[index], each))
  if (isObject(expected) && isObject(got)) return Object.fromEntries(Object.entries(got).map(([name, each]) => [name, likened(expected[name], each)]))
  if (typeof expected !== 'string' || !/<[a-z-]+>/.test(expected)) return got
  const pattern = expected.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/<[a-z-]+>/g, '.+')
  return new RegExp(`^${pattern}$`, 's').test(String(got)) ? expected : got
}

function metadataOf(key: string, labels: Record<string, string> = {}): Plain {
  const [name, namespace] = key.split('/').reverse()
  return {
    name,
    ...(namespace ? { namespace } : {}),
    labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels },
    annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
  }
}

function roleOf(kind: string, key: string, { labels, aggregates, rules }: Role): Plain {
  const aggregationRule = { clusterRoleSelectors: [{ matchLabels: { [aggregates ?? '']: 'true' } }] }
  return { kind, apiVersion: `${rbac}/v1`, metadata: metadataOf(key, labels), ...(aggregates ? { aggregationRule } : {}), rules: rules.map(ruleOf) }
}

function ruleOf(text: string): Plain {
  const [verbs, groupsOrPaths, resources, resourceNames] = text.split(' ').map((words) => words.split(',').map((word) => (word === 'core' ? '' : word)))
  if (!resources) return { verbs, nonResourceURLs: groupsOrPaths }
  return { verbs, apiGroups: groupsOrPaths, resources, ...(resourceNames ? { resourceNames } : {}) }
}

function bindingOf(kind: string, key: string, [role, ...subjects]: Binding): Plain {
  const [roleKind, roleName] = role.split('/')
  return {
    kind,
    apiVersion: `${rbac}/v1`,
    metadata: metadataOf(key),
    roleRef: { apiGroup: rbac, kind: roleKind, name: roleName },
    ...(subjects.length ? { subjects: subjects.map(subjectOf) } : {}),
  }
}

function subjectOf(text: string): Plain {
  const [kind, first, name] = text.split('/')
  return kind === 'ServiceAccount' ? { kind, namespace: first, name } : { apiGroup: rbac, kind, name: first }
}
