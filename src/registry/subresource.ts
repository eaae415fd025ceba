// POST to a subresource: what it does to its parent is the kind's business, doing it is ours.
import { copyOfParts, isObject, isStatus, type KubeObject, type Plain, recanonicalize, status, success } from '../machinery/index.js'
import type { Stored } from '../storage/index.js'
import { answerOf, commit, prepareCompanions, toStored } from './commit.js'
import { decodeObject, type Expected } from './decode.js'
import { removeStored } from './delete.js'
import { pendingResourceVersion } from './metadata.js'
import { type Answer, type Body, objectOf, qualifiedResource, type Realm, refuse, type WriteCall } from './realm.js'
import { subresourceContextOf, updateDraft } from './update.js'

/** @param expected the subresource's own kind. @throws {StatusError} */
export function createSubresource(realm: Realm, call: WriteCall, body: Body, expected: Expected): Answer {
  const { definition } = call
  const { create: hook, alsoAccepts = [] } = definition.subresourceHooks?.[call.subresource] ?? {}
  if (!hook) refuse(status.methodNotAllowed())
  const sent = decodeObject(expected, asExpected(expected, body, alsoAccepts), call) as KubeObject & Plain
  const stored = realm.store.get(definition.storedAs.key, call)
  if (!stored) refuse(status.notFound(qualifiedResource(definition), call.name))
  const parent = objectOf(definition, stored)
  const outcome = hook(parent, sent, subresourceContextOf(realm, call), () => copyOfParts(parent))
  if ('refused' in outcome) refuse(outcome.refused)
  let current = stored
  if (outcome.write && !call.options.dryRun) current = writeParent(realm, call, stored, outcome.write, outcome.alsoWrite ?? [])
  if (outcome.remove) {
    const options = call.options.dryRun ? { ...outcome.remove, dryRun: ['All'] } : outcome.remove
    removeStored(realm, { ...call, subresource: '' }, current, options)
  }
  const code = outcome.code ?? 201
  if (!outcome.reply) return outcome.write ? { ...answerOf(definition, current, code) } : { code, object: success(undefined, code) }
  const reply = isStatus(outcome.reply) ? outcome.reply : (recanonicalize(expected.shape, outcome.reply) as KubeObject)
  return { code, object: reply }
}

function asExpected({ apiVersion }: Expected, body: Body, alsoAccepts: readonly string[]): Body {
  const { value } = body
  return isObject(value) && alsoAccepts.includes(value.apiVersion as string) ? { ...body, value: { ...value, apiVersion } } : body
}

function writeParent(realm: Realm, call: WriteCall, stored: Stored, draft: KubeObject, alsoWrite: Parameters<typeof prepareCompanions>[1]): Stored {
  const { definition } = call
  if (!alsoWrite.length) {
    // What a subresource does to its parent is no write of a manager.
    const answer = updateDraft(realm, call, stored, withoutVersion(draft), { managedFieldsOf: ({ metadata }) => metadata.managedFields })
    return answer.stored ?? stored
  }
  draft.metadata.resourceVersion = pendingResourceVersion
  const object = toStored(definition, recanonicalize(definition.shape, draft) as KubeObject)
  return commit(realm, [...prepareCompanions(realm, alsoWrite), { type: 'MODIFIED', definition, object }])
}

function withoutVersion(draft: KubeObject): KubeObject {
  delete draft.metadata.resourceVersion
  return draft
}
