// PATCH on the resources of a test realm, by any manager.

import { isStatus, type KubeObject, type Plain, type Status, StatusError, systemUser } from '../../src/machinery/index.js'
import { type Answer, getScale, type PatchType, patch, patchScale, updateScale, type WriteCall, type WriteOptions } from '../../src/registry/index.js'
import { builtInResources, schema } from '../../src/resources/index.js'
import { type TestRealm, testNamespace } from '../support/realm.js'

export interface Request extends Partial<WriteOptions> {
  subresource?: string
  /** What a strict reader objected to in the body. */
  problems?: string[]
}

export interface Patched {
  /** 0 for a refusal. */
  code: number
  object: KubeObject | Status
  warnings: string[]
}

const scaleShape = schema.shape('autoscaling/v1.Scale')

export function patchIn(
  { realm }: TestRealm,
  type: PatchType,
  [resource, name]: [resource: string, name: string],
  value: unknown,
  request: Request = {},
): Patched {
  const { subresource = '', problems, ...options } = request
  const warnings: string[] = []
  const call = callOf(resource, name, { subresource, options: { fieldManager: 'test', ...options }, warn: (text) => void warnings.push(text) })
  const body = { value, ...(problems ? { problems } : {}) }
  const { code, object } = answered(() => (subresource === 'scale' ? patchScale(realm, call, scaleShape, { type, body }) : patch(realm, call, { type, body })))
  return { code, object, warnings }
}

export function scaleOf({ realm }: TestRealm, resource: string, name: string): Plain {
  return getScale(realm, callOf(resource, name), scaleShape).object as Plain
}

/** PUT of a scale. */
export function scaleIn({ realm }: TestRealm, [resource, name]: [resource: string, name: string], value: Plain, fieldManager = 'test'): KubeObject | Status {
  return answered(() => updateScale(realm, callOf(resource, name, { options: { fieldManager } }), { value }, scaleShape)).object
}

function callOf(resource: string, name: string, more: Partial<WriteCall> = {}): WriteCall {
  const definition = builtInResources.find(({ key }) => key === resource)
  if (!definition) throw new Error(`no such resource: ${resource}`)
  const namespace = definition.namespaced ? testNamespace : ''
  return { definition, namespace, name, subresource: '', user: systemUser, warn() {}, options: { fieldManager: 'test' }, ...more }
}

function answered(verb: () => Answer): { code: number; object: KubeObject | Status } {
  try {
    const { code, object } = verb()
    return { code, object }
  } catch (error) {
    if (error instanceof StatusError) return { code: 0, object: error.status }
    throw error
  }
}

/** What each manager owns: `alice`, `bob (Update)`, `lb status`. */
export function ownersOf(object: KubeObject | Status): Plain {
  if (isStatus(object)) throw new Error(object.message)
  return Object.fromEntries(
    (object.metadata.managedFields ?? []).map(({ manager, operation, subresource, fieldsV1 }) => [
      [manager, subresource, operation === 'Update' ? '(Update)' : ''].filter(Boolean).join(' '),
      fieldsV1,
    ]),
  )
}
