// An object at its revision, as a value or as JSON. The other is made when somebody asks for it, and once: most states of an object come
// and go unread, and of what a file holds most is never looked at.
import { type KubeObject, type ObjectKey, printObject, roughJSONLength } from '../machinery/index.js'
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
  readonly size: number
  #object: KubeObject | undefined
  /** What a file holds of it, until one of the others is there. */
  #json: string | undefined
  #line: Buffer | undefined

  /** @param source the object, or its JSON, which is right */
  constructor(resource: string, { namespace, name }: ObjectKey, revision: number, source: KubeObject | string, size?: number) {
    this.resource = resource
    this.namespace = namespace
    this.name = name
    this.path = pathOf({ namespace, name })
    this.revision = revision
    if (typeof source === 'string') {
      this.#json = source
      this.size = source.length
    } else {
      this.#object = source
      this.size = size ?? roughJSONLength(source)
    }
  }

  get object(): KubeObject {
    return this.#object ?? this.#parse()
  }

  #parse(): KubeObject {
    const object = JSON.parse(this.#json ?? this.line.toString()) as KubeObject
    this.#object = object
    this.#json = undefined
    return object
  }

  get isPrinted(): boolean {
    return this.#line !== undefined
  }

  get line(): Buffer {
    this.#line ??= Buffer.from(`${this.#json ?? printObject(this.object)}\n`)
    this.#json = undefined
    return this.#line
  }

  /** Whether its JSON has more bytes. */
  isLongerThan(bytesMax: number): boolean {
    return this.size * bytesPerCharacterMax > bytesMax && this.line.length > bytesMax
  }
}
