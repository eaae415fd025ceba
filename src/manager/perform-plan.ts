// Performs what a Plan wants written, through the same verbs that serve clients.
import type { PlannedEvent, PlannedWrite, UserInfo } from '../machinery/index.js'
import { StatusError } from '../machinery/index.js'
import { type Body, create, createSubresource, patch, type Realm, remove, sow, update, type WriteCall } from '../registry/index.js'
import { schema } from '../resources/index.js'

export interface Writer {
  fieldManager: string
  username: string
}

/** `outdated`: the world has moved on since the plan was made, so the rest of it is void. */
export type Performed = 'done' | 'outdated'

export type RecordEvent = (event: PlannedEvent, writer: Writer) => void

/** @throws {StatusError} a refusal that looking again will not mend by itself */
export function performWrite(realm: Realm, write: PlannedWrite, writer: Writer, recordEvent: RecordEvent): Performed {
  try {
    perform(realm, write, writer, recordEvent)
    return 'done'
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    return judge(write, error, () => {
      if (write.verb !== 'create') return
      for (const next of write.whenRefused?.(error.message) ?? []) performWrite(realm, next, writer, recordEvent)
    })
  }
}

/** @param tellRefusal done before a refusal that lasts is passed on */
function judge(write: PlannedWrite, error: StatusError, tellRefusal: () => void): Performed {
  const { reason, details } = error.status
  switch (reason) {
    case 'NotFound':
      return write.verb === 'delete' ? 'done' : 'outdated'
    case 'Conflict':
    case 'AlreadyExists':
      return 'outdated'
    case 'Forbidden':
      // What was to be made would go at once.
      if (details?.causes?.some((cause) => cause.reason === 'NamespaceTerminating')) return 'done'
  }
  tellRefusal()
  throw error
}

function perform(realm: Realm, write: PlannedWrite, writer: Writer, recordEvent: RecordEvent): void {
  if (write.verb === 'event') {
    recordEvent(write.event, writer)
    return
  }
  if (write.verb === 'plant') {
    sow(realm, [{ definition: write.definition, object: write.object, manager: writer.fieldManager, isRenewed: true }])
    return
  }
  const call = callOf(write, writer)
  switch (write.verb) {
    case 'create': {
      const made = create(realm, call, bodyOf(write.object)).object
      for (const next of write.whenMade?.(made) ?? []) perform(realm, next, writer, recordEvent)
      return
    }
    case 'update':
      // A write of the status leaves alone whatever else it shares with the stored object.
      update(realm, call, { value: write.object, isOwn: write.subresource === 'status', isSmall: true })
      return
    case 'patch':
      patch(realm, call, { type: write.type, body: bodyOf(write.patch) })
      return
    case 'apply':
      patch(realm, { ...call, options: { ...call.options, force: true } }, { type: 'apply', body: bodyOf(write.object) })
      return
    case 'delete':
      remove(realm, call, write.options ?? {})
      return
    case 'createSubresource':
      createSubresource(realm, call, bodyOf(write.object), bodyKind(write))
  }
}

const bodyOf = (value: unknown): Body => ({ value, isSmall: true })

function callOf(write: Exclude<PlannedWrite, { verb: 'event' | 'plant' }>, { fieldManager, username }: Writer): WriteCall {
  const { namespace = '', name = '' } = 'key' in write ? write.key : (write.object.metadata ?? {})
  return {
    definition: write.definition,
    namespace,
    // A new object brings its name along, or has one generated.
    name: write.verb === 'create' ? '' : name,
    subresource: 'subresource' in write ? (write.subresource ?? '') : '',
    user: userOf(username),
    warn() {},
    options: { fieldManager },
  }
}

/** The kind of body that a subresource takes. */
function bodyKind({ definition, subresource }: Extract<PlannedWrite, { verb: 'createSubresource' }>) {
  const facts = definition.subresources?.find(({ name }) => name === subresource)
  const shape = facts && schema.find(facts)
  if (!shape) throw new Error(`${definition.key} has no subresource ${subresource}`)
  const { group, version, kind } = facts
  return { group, version, kind, apiVersion: group ? `${group}/${version}` : version, shape }
}

const serviceAccount = /^system:serviceaccount:([^:]+):[^:]+$/

/** The user of that name with the groups that go with it. */
export function userOf(username: string): UserInfo {
  const [, namespace] = serviceAccount.exec(username) ?? []
  if (namespace) return { username, groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'] }
  return { username, groups: [...(username.startsWith('system:node:') ? ['system:nodes'] : []), 'system:authenticated'] }
}
