// JSON merge patch: members replace members, null removes.
// Upstream: RFC 7386 as evanphx/json-patch v4 merge.go applies it
import { isObject, type Plain, setMember } from '../object.js'

/** The patched document. Parts that the patch does not touch are shared with `document`, which stays as it is. */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const patched: Plain = isObject(document) ? { ...document } : {}
  for (const key of Object.keys(patch)) {
    const change = patch[key]
    if (change === null) delete patched[key]
    else setMember(patched, key, applyMergePatch(Object.hasOwn(patched, key) ? patched[key] : undefined, change))
  }
  return patched
}
