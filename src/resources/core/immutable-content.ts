// What ConfigMaps and Secrets have in common: how much they hold, and that they can be sealed.
import { deepEqual, type FieldError, field, type KubeObject, type Plain } from '../../machinery/index.js'

/** All values of one object together, after decoding. Upstream: pkg/apis/core/types.go MaxSecretSize */
export const contentBytesMax = 1024 * 1024

/** How many bytes canonical base64 stands for. */
export function decodedLength(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0
  return (base64.length / 4) * 3 - padding
}

const sealed = 'field is immutable when `immutable` is set'

/** Once `immutable` is true, it and the content stay; metadata may still change. */
export function refuseImmutableChange(next: KubeObject & Plain, old: KubeObject & Plain, fields: readonly string[]): FieldError[] {
  if (!old.immutable) return []
  const errors = next.immutable ? [] : [field.forbidden('immutable', sealed)]
  for (const name of fields) if (!deepEqual(next[name], old[name])) errors.push(field.forbidden(name, sealed))
  return errors
}
