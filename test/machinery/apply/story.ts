// A story of managers: one object, operations on it in order, and after each who owns what. Every operation is a second
// after the one before.
import {
  type Application,
  applyConfiguration,
  canonicalize,
  deepFreeze,
  isDecodeError,
  type KubeObject,
  type ManagedFieldsEntry,
  type Plain,
  recordUpdate,
  type Shape,
  type Status,
} from '../../../src/machinery/index.js'
import { schema } from '../../../src/resources/index.js'

export interface Operation {
  force?: boolean
  subresource?: string
}

const mainReset = [['f:status']]
const statusReset = [['f:spec'], ['f:metadata']]

export class Story {
  /** The stored object, frozen. */
  live: KubeObject | undefined
  readonly #shape: Shape
  readonly #type: { group: string; version: string; kind: string; apiVersion: string }
  #seconds = 0

  constructor(group: string, version: string, kind: string) {
    const shape = schema.find({ group, version, kind })
    if (!shape) throw new Error(`no such kind: ${kind}`)
    this.#shape = shape
    this.#type = { group, version, kind, apiVersion: group ? `${group}/${version}` : version }
  }

  /** @returns the refusal, if it is one */
  applies(manager: string, content: Plain, { force = false, subresource = '' }: Operation = {}): Status | undefined {
    const { kind, apiVersion } = this.#type
    const configuration = deepFreeze({ kind, apiVersion, ...content, metadata: { name: 'it', ...content.metadata } })
    const application: Application = {
      ...this.#type,
      ...this.#surroundings(subresource),
      live: this.live,
      configuration,
      manager,
      force,
    }
    const applied = applyConfiguration(application)
    if ('refused' in applied) return applied.refused
    this.#store(applied.object, applied.managedFields)
    return undefined
  }

  /** A plain write: create, or a change of a copy. */
  updates(manager: string, content: Plain | ((object: Plain) => void), { subresource = '' }: Operation = {}): void {
    const { kind, apiVersion } = this.#type
    const next = (typeof content === 'function' ? structuredClone(this.live) : { kind, apiVersion, ...content }) as Plain
    next.metadata = { name: 'it', ...next.metadata }
    if (typeof content === 'function') content(next)
    const write = {
      ...this.#surroundings(subresource),
      live: this.live,
      next: this.#canonical(next),
      incoming: next.metadata.managedFields,
      manager,
      apiVersion,
    }
    this.#store(next, recordUpdate(write))
  }

  /** Forgets who owns what. */
  losesTrack(): void {
    this.#store(structuredClone(this.live) as Plain, undefined)
  }

  get entries(): ManagedFieldsEntry[] {
    return this.live?.metadata.managedFields ?? []
  }

  /** What each manager owns: `alice`, `bob (Update)`, `lb status`. */
  get owners(): Plain {
    return Object.fromEntries(this.entries.map((entry) => [this.#nameOf(entry), entry.fieldsV1]))
  }

  /** Seconds since the story began, for each manager; undefined for an entry without a time. */
  get times(): Record<string, number | undefined> {
    return Object.fromEntries(this.entries.map((entry) => [this.#nameOf(entry), entry.time === undefined ? undefined : Date.parse(entry.time) / 1000]))
  }

  /** The object without its metadata but for labels, annotations and finalizers. */
  get content(): Plain {
    const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = this.live as KubeObject & Plain
    const { name: _name, managedFields: _managedFields, ...kept } = metadata
    return Object.keys(kept).length ? { metadata: kept, ...rest } : rest
  }

  #nameOf({ manager, operation, subresource }: ManagedFieldsEntry): string {
    return [manager, subresource, operation === 'Update' ? '(Update)' : ''].filter(Boolean).join(' ')
  }

  #surroundings(subresource: string) {
    this.#seconds++
    return { shape: this.#shape, subresource, now: this.#seconds * 1000, resetFields: subresource === 'status' ? statusReset : mainReset }
  }

  #store(object: Plain, managedFields: ManagedFieldsEntry[] | undefined): void {
    const { managedFields: _old, ...metadata } = object.metadata
    this.live = deepFreeze(this.#canonical({ ...object, metadata: { ...metadata, ...(managedFields?.length ? { managedFields } : {}) } }))
  }

  #canonical(object: Plain): KubeObject {
    const result = canonicalize(this.#shape, object)
    if (isDecodeError(result)) throw new Error(result.message)
    return result.object as KubeObject
  }
}
