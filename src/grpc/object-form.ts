// How objects stand in messages: typed, as the message of their kind, or as JSON in a Struct.
import { isObject, type KubeObject, type Plain, type ResourceDefinition } from '../machinery/index.js'
import { appliedFields } from './applied-fields.js'
import { jsonOfStruct, structOf } from './struct.js'

export interface ObjectForm {
  /** What a client sent, as JSON; a kind that is known from the service is filled in. */
  read(sent: unknown, definition: ResourceDefinition): Plain
  /** The same of an object that is to be applied: what stands in it is wanted. */
  readApplied(sent: unknown, definition: ResourceDefinition): Plain
  /** What a client gets. */
  show(object: KubeObject | Plain): Plain
}

export const typedForm: ObjectForm = {
  readApplied: (sent, definition) => appliedFields(definition.shape, typedForm.read(sent, definition)),
  read: (sent, { apiVersion, kind }) => ({ apiVersion, kind, ...(isObject(sent) ? sent : {}) }),
  show: (object) => object,
}

export const structForm: ObjectForm = {
  readApplied: (sent, definition) => structForm.read(sent, definition),
  read: (sent) => jsonOfStruct(isObject(sent) ? sent : {}),
  show: structOf,
}
