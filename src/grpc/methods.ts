// The unary methods of every service: parse, call one verb, write.
import {
  isObject,
  isStatus,
  type Plain,
  type ResourceDefinition,
  type Shape,
  StatusError,
  type SubresourceFacts,
  status,
  type UserInfo,
} from '../machinery/index.js'
import {
  type Answer,
  type Body,
  create,
  createSubresource,
  get,
  getScale,
  type ListAnswer,
  list,
  type PatchType,
  patch,
  patchScale,
  type Realm,
  remove,
  removeCollection,
  update,
  updateScale,
  viewOf,
  writeCall,
} from '../registry/index.js'
import { wordOf } from './enum-words.js'
import type { ObjectForm } from './object-form.js'
import { deleteOptionsOf, readOptionsOf, writeOptionsOf } from './request-options.js'
import type { MethodName } from './service-contract.js'
import { callOf, requireServed, type Verb } from './target.js'

export interface MethodSurroundings {
  realm: Realm
  shapeOf(apiVersion: string, kind: string): Shape | undefined
  /** Reads a patch as the other wires do. @throws {StatusError} */
  readPatch(bytes: Buffer, type: Exclude<PatchType, 'apply'>): Promise<Body>
}

export interface Turn extends MethodSurroundings {
  definition: ResourceDefinition
  form: ObjectForm
  request: Plain
  user: UserInfo
  userAgent: string | undefined
  /** Texts for the trailers; filled as the verb warns. */
  warnings: string[]
  /** The message of an object as it is stored. */
  encodeStored(stored: NonNullable<Answer['stored']>): Buffer
}

/** The answer's message as the contract has it, or its bytes. */
export type Message = Plain | Buffer

/** @throws {StatusError} */
export const methods: Record<Exclude<MethodName, 'Watch'>, (turn: Turn) => Message | Promise<Message>> = {
  Get(turn) {
    const { call, facts } = placed(turn, 'get')
    return shown(turn, facts?.name === 'scale' ? getScale(turn.realm, call, scaleShape(turn)) : get(turn.realm, call, turn.request.resourceVersion))
  },

  List(turn) {
    const { call } = placed(turn, 'list')
    return shownList(turn, list(turn.realm, call, readOptionsOf(turn.request, false)))
  },

  Create(turn) {
    const value = objectOf(turn)
    const { call, facts } = placed(turn, 'create', value)
    const write = writeCall(call, writeOptionsOf(turn.request, 'CreateOptions', turn.userAgent))
    if (!facts) return shown(turn, create(turn.realm, write, { value, isOwn: true }))
    const apiVersion = facts.group ? `${facts.group}/${facts.version}` : facts.version
    const expected = { ...facts, apiVersion, shape: requireShape(turn, apiVersion, facts.kind) }
    return shown(turn, createSubresource(turn.realm, write, { value }, expected))
  },

  Update: (turn) => updated(turn, turn.request.subresource ?? ''),
  UpdateStatus: (turn) => updated(turn, 'status'),

  async Patch(turn) {
    const { call, facts } = placed(turn, 'patch')
    const type = wordOf('patchType', turn.request.type) as Exclude<PatchType, 'apply'>
    if (!['json', 'merge', 'strategic'].includes(type)) throw new StatusError(status.badRequest(`there is no patch type ${type}`))
    const write = writeCall(call, writeOptionsOf(turn.request, 'PatchOptions', turn.userAgent))
    const body = await turn.readPatch(Buffer.from(turn.request.patch ?? ''), type)
    if (facts?.name === 'scale') return shown(turn, patchScale(turn.realm, write, scaleShape(turn), { type, body }))
    return shown(turn, patch(turn.realm, write, { type, body }))
  },

  Apply(turn) {
    const value = turn.form.readApplied(turn.request.object, turn.definition)
    const { call, facts } = placed(turn, 'patch', value)
    const write = writeCall(call, writeOptionsOf(turn.request, 'PatchOptions', turn.userAgent, true))
    const applied = { type: 'apply', body: { value, isOwn: true } } as const
    return shown(turn, facts?.name === 'scale' ? patchScale(turn.realm, write, scaleShape(turn), applied) : patch(turn.realm, write, applied))
  },

  Delete(turn) {
    const { call } = placed(turn, 'delete')
    const { object } = remove(turn.realm, call, deleteOptionsOf(turn.request))
    return isStatus(object) ? { status: object } : { object: turn.form.show(object) }
  },

  DeleteCollection(turn) {
    const { call } = placed(turn, 'deletecollection')
    const selectors = readOptionsOf(turn.request, false)
    return shownList(turn, removeCollection(turn.realm, call, selectors, deleteOptionsOf(turn.request)))
  },
}

function updated(turn: Turn, subresource: string): Message {
  const value = objectOf(turn)
  const { call } = placed(turn, 'update', value, subresource)
  const write = writeCall(call, writeOptionsOf(turn.request, 'UpdateOptions', turn.userAgent))
  if (subresource === 'scale') return shown(turn, updateScale(turn.realm, write, { value, isOwn: true }, scaleShape(turn)))
  return shown(turn, update(turn.realm, write, { value, isOwn: true }))
}

const objectOf = ({ form, request, definition }: Turn) => form.read(request.object, definition)

/** Where the request leads; what it leaves open, its object says. */
function placed({ definition, request, user, warnings }: Turn, verb: Verb, object: Plain = {}, subresource: string = request.subresource ?? '') {
  const metadata: Plain = isObject(object.metadata) ? object.metadata : {}
  const namespace = text(request.namespace) || (definition.namespaced ? text(metadata.namespace) : '')
  const name = text(request.name) || (verb === 'create' && !subresource ? '' : text(metadata.name))
  const asked = { definition, verb, namespace, name, subresource }
  const facts: SubresourceFacts | undefined = requireServed(asked)
  return { call: callOf(asked, user, warnings), facts }
}

const text = (value: unknown) => (typeof value === 'string' ? value : '')

function shown({ form, encodeStored }: Turn, { object, stored }: Answer): Message {
  return stored ? encodeStored(stored) : form.show(object)
}

function shownList({ form, definition }: Turn, { items, metadata }: ListAnswer): Plain {
  return { metadata, items: items.map((stored) => form.show(viewOf(definition, stored).object)) }
}

function requireShape({ shapeOf }: Turn, apiVersion: string, kind: string): Shape {
  const shape = shapeOf(apiVersion, kind)
  if (!shape) throw new Error(`no shape of ${apiVersion} ${kind}`)
  return shape
}

const scaleShape = (turn: Turn) => requireShape(turn, 'autoscaling/v1', 'Scale')
