// JSON patch: operations in order, all or none.
// Upstream: RFC 6902 as evanphx/json-patch v4 patch.go applies it; where the two differ, upstream's way is taken: a missing
// member of an object reads as null, negative indexes count from the end, a value that is left out is null.
import { byteLength } from '../byte-length.js'
import { deepCopy, deepEqual } from '../equality.js'
import { isObject, type Plain, setMember } from '../object.js'

export type JSONPatchResult = { value: unknown } | { error: string }

/** What `copy` may add to a document in one patch. Upstream: --json-patch-max-copy-bytes of kube-apiserver */
export const copiedBytesMax = 3 * 1024 * 1024

/** The patched document, or why an operation cannot be done. `document` stays as it is; untouched parts are shared. */
export function applyJSONPatch(document: unknown, operations: readonly unknown[]): JSONPatchResult {
  const draft = new Draft(document)
  for (const operation of operations) {
    const error = perform(draft, isObject(operation) ? operation : {})
    if (error !== undefined) return { error }
  }
  return { value: draft.root }
}

function perform(draft: Draft, operation: Plain): string | undefined {
  const { op, path, from } = operation
  const value = operation.value === undefined ? null : operation.value
  if (typeof path !== 'string' || ((op === 'move' || op === 'copy') && typeof from !== 'string')) return 'missing value: operation without path'
  switch (op) {
    case 'add':
      return draft.add(path, value)
    case 'remove':
      return draft.remove(path)
    case 'replace':
      return draft.replace(path, value)
    case 'test':
      return draft.test(path, value)
    case 'move':
      return draft.move(from, path)
    case 'copy':
      return draft.copy(from, path)
    default:
      return `Unexpected kind: ${typeof op === 'string' ? op : 'unknown'}`
  }
}

type Container = Plain | unknown[]

/** A document in the making. Containers are copied when they are first written to, once. */
class Draft {
  root: unknown
  readonly #own = new Set<unknown>()
  #copiedBytes = 0

  constructor(root: unknown) {
    this.root = root
  }

  add(path: string, value: unknown): string | undefined {
    return this.#write(path, (container, key) => {
      if (!Array.isArray(container)) return void setMember(container, key, value)
      const index = key === '-' ? container.length : indexIn(container.length + 1, key)
      if (index === undefined) return invalidIndex(key)
      container.splice(index, 0, value)
      return undefined
    })
  }

  remove(path: string): string | undefined {
    return this.#write(path, (container, key) => {
      if (Array.isArray(container)) {
        const index = indexIn(container.length, key)
        if (index === undefined) return invalidIndex(key)
        container.splice(index, 1)
      } else {
        if (!Object.hasOwn(container, key)) return `missing value: Unable to remove nonexistent key: ${key}`
        delete container[key]
      }
      return undefined
    })
  }

  replace(path: string, value: unknown): string | undefined {
    if (path === '') {
      // A document is an object or a list; another value is passed over in silence.
      if (typeof value === 'object' && value !== null) this.root = value
      return undefined
    }
    return this.#write(path, (container, key) => {
      if (!Array.isArray(container)) return void setMember(container, key, value)
      const index = indexIn(container.length, key)
      if (index === undefined) return invalidIndex(key)
      container[index] = value
      return undefined
    })
  }

  test(path: string, value: unknown): string | undefined {
    const found = path === '' ? { value: this.root } : this.#read(path)
    if ('error' in found) return found.error
    return deepEqual(found.value, value) ? undefined : `testing value ${path} failed`
  }

  move(from: string, path: string): string | undefined {
    const found = this.#read(from)
    return 'error' in found ? found.error : (this.remove(from) ?? this.add(path, found.value))
  }

  copy(from: string, path: string): string | undefined {
    const found = this.#read(from)
    if ('error' in found) return found.error
    this.#copiedBytes += byteLength(JSON.stringify(found.value))
    if (this.#copiedBytes > copiedBytesMax) {
      return `Unable to complete the copy, the accumulated size increase of copy is ${this.#copiedBytes}, exceeding the limit ${copiedBytesMax}`
    }
    return this.add(path, deepCopy(found.value))
  }

  #read(path: string): { value: unknown } | { error: string } {
    const place = placeOf(path)
    const container = place && this.#containerAt(place.parents)
    return container ? memberOf(container, place.key) : missingPath(path)
  }

  #write(path: string, change: (container: Container, key: string) => string | undefined): string | undefined {
    const place = placeOf(path)
    if (!place || !this.#containerAt(place.parents)) return missingPath(path).error
    let container = this.#owned(this.root as Container)
    this.root = container
    for (const key of place.parents) {
      const child = this.#owned((memberOf(container, key) as { value: Container }).value)
      if (Array.isArray(container)) container[indexIn(container.length, key) as number] = child
      else setMember(container, key, child)
      container = child
    }
    return change(container, place.key)
  }

  #containerAt(parents: readonly string[]): Container | undefined {
    let current = this.root
    for (const key of parents) {
      const member = isContainer(current) ? memberOf(current, key) : undefined
      if (!member || 'error' in member) return undefined
      current = member.value
    }
    return isContainer(current) ? current : undefined
  }

  #owned(container: Container): Container {
    if (this.#own.has(container)) return container
    const copy = Array.isArray(container) ? [...container] : { ...container }
    this.#own.add(copy)
    return copy
  }
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null
}

/** A pointer without a slash leads nowhere; what stands before the first one is ignored. */
function placeOf(path: string): { parents: string[]; key: string } | undefined {
  const tokens = path.split('/').slice(1).map(unescapeToken)
  const key = tokens.pop()
  return key === undefined ? undefined : { parents: tokens, key }
}

function unescapeToken(token: string): string {
  return token.includes('~') ? token.replace(/~[01]/g, (escaped) => (escaped === '~1' ? '/' : '~')) : token
}

function memberOf(container: Container, key: string): { value: unknown } | { error: string } {
  if (!Array.isArray(container)) return { value: Object.hasOwn(container, key) ? container[key] : null }
  const index = indexIn(container.length, key)
  return index === undefined ? { error: invalidIndex(key) } : { value: container[index] }
}

/** The index that a token means in a list of this length, or nothing when it is outside. */
function indexIn(length: number, token: string): number | undefined {
  if (!/^[-+]?\d{1,15}$/.test(token)) return undefined
  const given = Number(token)
  const index = given < 0 ? given + length : given
  return index >= 0 && index < length ? index : undefined
}

function missingPath(path: string) {
  return { error: `missing value: doc is missing path: ${JSON.stringify(path)}` }
}

function invalidIndex(key: string): string {
  return `invalid index referenced: Unable to access invalid index: ${key}`
}
