// An object at its revision, as a value or as JSON. The other is made when somebody asks for it: most states of an object come and go unread,
// and of what a file holds most is never looked at.
import { type KubeObject, type ObjectKey, printObject, roughJSONLength } from '../machinery/index.js'
import type { KeptLines } from './kept-lines.js'
import type { ListRun } from './list-runs.js'
import type { Stored } from './store.js'

// How many bytes JSON may make of one character that was counted: `\u0000`.
const bytesPerCharacterMax = 6

/** Keys sort as paths do: `a-b/x` before `a/x`. */
export const pathOf = ({ namespace, name }: ObjectKey) => `${namespace}/${name}`

export interface StoredOptions {
  /** How many bytes its JSON has, more or less; found out when it is absent. */
  size?: number
  /** Where there is room for its line. */
  lines?: KeptLines
}

export class StoredObject implements Stored {
  readonly resource: string
  readonly namespace: string
  readonly name: string
  readonly path: string
  readonly revision: number
  readonly size: number
  #run: ListRun | undefined
  #object: KubeObject | undefined
  /** What a file holds of it, until the object is there. */
  #json: string | undefined
  #line: Buffer | undefined
  /** Absent when nothing of it is to be kept. */
  #lines: KeptLines | undefined

  /** @param source the object, or its JSON, which is right */
  constructor(resource: string, { namespace, name }: ObjectKey, revision: number, source: KubeObject | string, { size, lines }: StoredOptions = {}) {
    this.#lines = lines
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
    const object = JSON.parse(this.#json as string) as KubeObject
    this.#object = object
    this.#json = undefined
    return object
  }

  get isPrinted(): boolean {
    return this.#line !== undefined
  }

  get line(): Buffer {
    if (this.#line) return this.#line
    const text = this.#text()
    this.#line = this.#lines?.keep(text)
    return this.#line ?? Buffer.from(text)
  }

  get printed(): Buffer | string {
    return this.#line || (this.#lines && !this.#lines.isFull) ? this.line : this.#text()
  }

  get printedOnce(): Buffer | string {
    return this.#line ?? this.#text()
  }

  get run(): ListRun | undefined {
    return this.#run
  }

  keepRun(length: number, fill: (room: Buffer) => ListRun): ListRun | undefined {
    this.#dropRun()
    const room = this.#lines?.room(length)
    this.#run = room && fill(room)
    return this.#run
  }

  #dropRun(): void {
    if (this.#run) this.#lines?.giveBack(this.#run.bytes)
    this.#run = undefined
  }

  #text(): string {
    return `${this.#json ?? printObject(this.object)}\n`
  }

  supersede(): void {
    if (this.#line) this.#lines?.giveBack(this.#line)
    this.#line = undefined
    this.#dropRun()
    this.#lines = undefined
  }

  /** Whether its JSON has more bytes. */
  isLongerThan(bytesMax: number): boolean {
    return this.size * bytesPerCharacterMax > bytesMax && this.line.length > bytesMax
  }
}
