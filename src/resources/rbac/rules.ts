// What roles and their bindings must say.
// Upstream: pkg/apis/rbac/validation/validation.go
import { compileLabelSelector, deepEqual, type FieldError, field } from '../../machinery/index.js'
import type { ClusterRole, PolicyRule, RoleRef, Subject } from '../shapes/rbac-v1.js'

const group = 'rbac.authorization.k8s.io'

interface RuleScope {
  isNamespaced: boolean
}

export function validateRules(rules: readonly PolicyRule[] | null | undefined, { isNamespaced }: RuleScope): FieldError[] {
  return (rules ?? []).flatMap((rule, index) => validateRule(rule, `rules[${index}]`, isNamespaced))
}

function validateRule({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule, path: string, isNamespaced: boolean): FieldError[] {
  const errors: FieldError[] = []
  if (!verbs?.length) errors.push(field.required(`${path}.verbs`, 'verbs must contain at least one value'))
  if (nonResourceURLs?.length) {
    const refuse = (reason: string) => errors.push(field.invalid(`${path}.nonResourceURLs`, nonResourceURLs, reason))
    if (isNamespaced) refuse('namespaced rules cannot apply to non-resource URLs')
    if (apiGroups?.length || resources?.length || resourceNames?.length) refuse('rules cannot apply to both regular resources and non-resource URLs')
    return errors
  }
  if (!apiGroups?.length) errors.push(field.required(`${path}.apiGroups`, 'resource rules must supply at least one api group'))
  if (!resources?.length) errors.push(field.required(`${path}.resources`, 'resource rules must supply at least one resource'))
  return errors
}

interface Binding {
  roleRef: RoleRef
  subjects?: readonly Subject[] | null
}

/** @param kinds of roles that the binding may name */
export function validateBinding({ roleRef, subjects }: Binding, kinds: readonly string[]): FieldError[] {
  const errors: FieldError[] = []
  if (roleRef.apiGroup !== group) errors.push(field.notSupported('roleRef.apiGroup', roleRef.apiGroup ?? '', [group]))
  if (!kinds.includes(roleRef.kind)) errors.push(field.notSupported('roleRef.kind', roleRef.kind ?? '', kinds))
  if (!roleRef.name) errors.push(field.required('roleRef.name'))
  return [...errors, ...(subjects ?? []).flatMap((subject, index) => validateSubject(subject, `subjects[${index}]`))]
}

const subjectKinds = ['Group', 'ServiceAccount', 'User']

function validateSubject({ kind = '', apiGroup = '', name, namespace }: Subject, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!name) errors.push(field.required(`${path}.name`))
  if (!subjectKinds.includes(kind)) return [...errors, field.notSupported(`${path}.kind`, kind, subjectKinds)]
  const expected = kind === 'ServiceAccount' ? '' : group
  if (kind === 'ServiceAccount' && !namespace) errors.push(field.required(`${path}.namespace`))
  if (apiGroup !== expected) errors.push(field.notSupported(`${path}.apiGroup`, apiGroup, [expected]))
  return errors
}

/** Whom a binding empowers may change, what it grants may not. */
export function validateSameRole({ roleRef }: Binding, { roleRef: old }: Binding): FieldError[] {
  if (deepEqual(roleRef, old)) return []
  const shown = { APIGroup: roleRef.apiGroup ?? '', Kind: roleRef.kind ?? '', Name: roleRef.name ?? '' }
  return [field.invalid('roleRef', shown, 'cannot change roleRef')]
}

/**
 * The rules of a role that consists of others: theirs, by name, each once.
 * @param clusterRoles all of them, sorted by name
 * Upstream: pkg/controller/clusterroleaggregation
 */
export function aggregateRules({ metadata, aggregationRule }: ClusterRole, clusterRoles: readonly ClusterRole[]): PolicyRule[] {
  const selectors = (aggregationRule?.clusterRoleSelectors ?? []).map(compileLabelSelector)
  const seen = new Set<string>()
  return clusterRoles
    .filter((part) => part.metadata.name !== metadata.name && selectors.some((matches) => matches(part.metadata.labels)))
    .flatMap(({ rules }) => rules ?? [])
    .filter((rule) => {
      const text = JSON.stringify(rule)
      return !seen.has(text) && seen.add(text)
    })
}
