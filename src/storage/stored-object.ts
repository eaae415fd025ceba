// An object at its revision. Its JSON is made when somebody asks for it, and once: most states of an object come and go unread.
import { type KubeObject, type ObjectKey, printJSON, roughJSONLength } from '../machinery/index.js'
import type { Stored } from './store.js'

// How many bytes JSON may make of one character that was counted: `\u0000`.
const bytesPerCharacterMax = 6

/** Keys sort as paths do: `a-b/x` before `a/x`. */
export const pathOf = ({ namespace, name }: ObjectKey) => `${namespace}/${name}`

export class StoredObject implements Stored {
  readonly resource: string
  readonly namespace: string
  readonly name: string
  readonly path: string
  readonly revision: number
  readonly object: KubeObject
  readonly size: number
  #line: Buffer | undefined

  constructor(resource: string, { namespace, name }: ObjectKey, revision: number, object: KubeObject, size = roughJSONLength(object)) {
    this.resource = resource
    this.namespace = namespace
    this.name = name
    this.path = pathOf({ namespace, name })
    this.revision = revision
    this.object = object
    this.size = size
  }

  get isPrinted(): boolean {
    return this.#line !== undefined
  }

  get line(): Buffer {
    this.#line ??= Buffer.from(`${printJSON(this.object)}\n`)
    return this.#line
  }

  /** Whether its JSON has more bytes. */
  isLongerThan(bytesMax: number): boolean {
    return this.size * bytesPerCharacterMax > bytesMax && this.line.length > bytesMax
  }
}
