// What groups, kinds and types are called in OpenAPI documents.
import type { Shape } from '../shape/shape.js'

export const capital = (word: string): string => word[0].toUpperCase() + word.slice(1)

/** `rbac.authorization.k8s.io` is `rbacAuthorization`, the core group is `core`. */
export function groupWord(group: string): string {
  if (!group) return 'core'
  const [first, ...rest] = group.replace(/\.k8s\.io$/, '').split('.')
  return [first, ...rest.map(capital)].join('')
}

/** Begins the id of every operation of a group version: `RbacAuthorizationV1`. */
export function operationPrefix(group: string, version: string): string {
  return capital(groupWord(group)) + capital(version)
}

export function schemaName(shape: Shape): string {
  return `${shape.package.openapi}.${shape.name}`
}
