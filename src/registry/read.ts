// GET of one object, and the rules of resourceVersion that all reads share.
// Upstream: apiserver/pkg/endpoints/handlers/get.go, apiserver/pkg/storage/cacher
import { field, quote, type Status, status } from '../machinery/index.js'
import { answerOf } from './commit.js'
import { type Answer, type Call, qualifiedResource, type Realm, refuse } from './realm.js'

/** @param resourceVersion not older than; empty or absent means the most recent */
export function get(realm: Realm, call: Call, resourceVersion = ''): Answer {
  requireReached(realm, parseResourceVersion(resourceVersion))
  const stored = realm.store.get(call.definition.storedAs.key, call)
  if (!stored) refuse(status.notFound(qualifiedResource(call.definition), call.name))
  return answerOf(call.definition, stored, 200)
}

/** @returns the number; 0 for none. @throws {StatusError} 500, as upstream has it for everything but lists */
export function parseResourceVersion(text: string, refusal: (message: string) => Status = status.untyped): number {
  if (text === '') return 0
  if (/^\d{1,19}$/.test(text)) return Number(text)
  const cause = `strconv.ParseUint: parsing ${quote(text)}: invalid syntax`
  return refuse(refusal(`resourceVersion: ${field.invalid('', text, cause).body}`))
}

/** A version nobody has written yet cannot be read. */
export function requireReached(realm: Realm, revision: number): void {
  if (revision > realm.store.revision) refuse(tooLargeResourceVersion(revision, realm.store.revision))
}

/** Upstream: apiserver/pkg/storage/errors.go NewTooLargeResourceVersionError */
export function tooLargeResourceVersion(asked: number, current: number): Status {
  return status.timeout(`Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  })
}
