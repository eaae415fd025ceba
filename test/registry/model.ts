// A model of the registry, small enough to be obviously right: a Map of objects and an array of what happened to them.

/** What of an object the model knows. */
export interface State {
  readonly path: string
  readonly uid: string
  readonly version: number
  /** Stands for all that a client may write. */
  readonly value: string
  readonly color: string | undefined
  readonly finalizers: readonly string[]
  readonly isDeleting: boolean
  readonly generation: number | undefined
  /** `Update:test`, `Apply:alice`: who owns the value. */
  readonly owners: readonly string[]
}

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED'

export interface Change {
  readonly type: ChangeType
  readonly kind: string
  readonly revision: number
  readonly time: number
  readonly state: State
  readonly old: State | undefined
}

/** What is true of a kind beside what is true of all. */
export interface KindRules {
  readonly kind: string
  readonly countsGeneration: boolean
  /** A PUT must name the version it changes. */
  readonly requiresVersion: boolean
  /** A PUT creates what is not there. */
  readonly createsOnUpdate: boolean
}

/** The code and reason of a refusal, or the state the client is shown. */
export type Outcome = { refused: string } | { shown: State | undefined }

export interface Content {
  value: string
  color: string | undefined
  finalizers: readonly string[]
}

export interface Wanted {
  /** Absent: whichever is there. */
  version?: number
  uid?: string
  isDryRun: boolean
}

export type Propagation = 'Background' | 'Foreground' | 'Orphan' | undefined

const notFound = { refused: '404 NotFound' }
const conflict = { refused: '409 Conflict' }
const invalid = { refused: '422 Invalid' }
const alreadyExists = { refused: '409 AlreadyExists' }
const ofPolicy = ['orphan', 'foregroundDeletion']
const updater = 'Update:test'

export class Model {
  readonly history: Change[] = []
  /** By kind, then `namespace/name`. */
  readonly #objects = new Map<string, Map<string, State>>()
  readonly #first: number
  revision: number
  now = 0

  constructor(revision: number) {
    this.#first = revision
    this.revision = revision
  }

  get(kind: string, path: string): State | undefined {
    return this.#objects.get(kind)?.get(path)
  }

  /** In the order of their paths, as they were at a revision. */
  listAt(kind: string, revision: number): State[] {
    const states = new Map<string, State>()
    for (const change of this.history) {
      if (change.kind !== kind || change.revision > revision) continue
      if (change.type === 'DELETED') states.delete(change.state.path)
      else states.set(change.state.path, change.state)
    }
    return [...states.values()].sort((one, other) => (one.path < other.path ? -1 : 1))
  }

  /** What happened after a revision. */
  after(revision: number): readonly Change[] {
    return this.history.slice(Math.max(revision - this.#first, 0))
  }

  create(rules: KindRules, path: string, content: Content, { isDryRun, owner = updater }: { isDryRun: boolean; owner?: string }): Outcome {
    if (this.get(rules.kind, path)) return alreadyExists
    const generation = rules.countsGeneration ? 1 : undefined
    const state: State = { ...content, path, uid: '', version: this.revision + 1, isDeleting: false, generation, owners: [owner] }
    return isDryRun ? { shown: state } : this.#write('ADDED', rules.kind, state, undefined)
  }

  /** PUT. */
  update(rules: KindRules, path: string, content: Content, wanted: Wanted): Outcome {
    const old = this.get(rules.kind, path)
    if (!old) {
      if (!rules.createsOnUpdate) return notFound
      if (wanted.uid !== undefined) return conflict
      return wanted.version === undefined ? this.create(rules, path, content, wanted) : notFound
    }
    if (wanted.uid !== undefined && wanted.uid !== old.uid) return conflict
    if (wanted.version === undefined && rules.requiresVersion) return invalid
    if (wanted.version !== undefined && wanted.version !== old.version) return conflict
    return this.#change(rules, old, content, wanted.isDryRun)
  }

  /** PATCH of whatever form but apply. */
  patch(rules: KindRules, path: string, content: Partial<Content>, wanted: Wanted): Outcome {
    const old = this.get(rules.kind, path)
    if (!old) return notFound
    if (wanted.version !== undefined && wanted.version !== old.version) return conflict
    return this.#change(rules, old, { value: old.value, color: old.color, finalizers: old.finalizers, ...content }, wanted.isDryRun)
  }

  /** Server-side apply of the value alone. */
  apply(rules: KindRules, path: string, value: string, { manager, isForced, isDryRun }: { manager: string; isForced: boolean; isDryRun: boolean }): Outcome {
    const old = this.get(rules.kind, path)
    const owner = `Apply:${manager}`
    if (!old) return this.create(rules, path, { value, color: undefined, finalizers: [] }, { isDryRun, owner })
    const isContested = value !== old.value && old.owners.some((each) => each !== owner)
    if (isContested && !isForced) return conflict
    const owners = value === old.value ? [...new Set([...old.owners, owner])].sort() : [owner]
    return this.#settle(rules, old, { ...old, value, owners }, isDryRun)
  }

  delete(rules: KindRules, path: string, propagation: Propagation, wanted: Wanted): Outcome {
    const old = this.get(rules.kind, path)
    if (!old) return notFound
    if (wanted.uid !== undefined && wanted.uid !== old.uid) return conflict
    if (wanted.version !== undefined && wanted.version !== old.version) return conflict
    const finalizers = finalizersAfter(old.finalizers, propagation)
    if (!finalizers.length) return wanted.isDryRun ? { shown: undefined } : this.#remove(rules.kind, old)
    const generation = old.generation !== undefined && !old.isDeleting ? old.generation + 1 : old.generation
    if (old.isDeleting && finalizers.join() === old.finalizers.join()) return { shown: old }
    const next = { ...old, finalizers, isDeleting: true, generation }
    return wanted.isDryRun ? { shown: next } : this.#write('MODIFIED', rules.kind, next, old)
  }

  /** The uid is the registry's to choose. */
  learnUID(kind: string, path: string, uid: string): void {
    const last = this.history.at(-1)
    const state = this.get(kind, path)
    if (!state || !last || last.state !== state || state.uid) return
    const known = { ...state, uid }
    this.history[this.history.length - 1] = { ...last, state: known }
    this.#objects.get(kind)?.set(path, known)
  }

  #change(rules: KindRules, old: State, content: Content, isDryRun: boolean): Outcome {
    if (old.isDeleting && content.finalizers.some((each) => !old.finalizers.includes(each))) return invalid
    const isNew = content.value !== old.value
    return this.#settle(rules, old, { ...old, ...content, owners: isNew ? [updater] : old.owners }, isDryRun)
  }

  #settle(rules: KindRules, old: State, next: State, isDryRun: boolean): Outcome {
    const counted = rules.countsGeneration && next.value !== old.value ? { ...next, generation: (old.generation ?? 0) + 1 } : next
    const isSame = JSON.stringify({ ...counted, color: counted.color ?? '' }) === JSON.stringify({ ...old, color: old.color ?? '' })
    if (isSame) return { shown: old }
    if (isDryRun) return { shown: counted }
    if (!counted.isDeleting || counted.finalizers.length) return this.#write('MODIFIED', rules.kind, counted, old)
    this.#remove(rules.kind, old)
    return { shown: counted }
  }

  #remove(kind: string, old: State): Outcome {
    this.#write('DELETED', kind, old, old)
    return { shown: undefined }
  }

  #write(type: ChangeType, kind: string, next: State, old: State | undefined): Outcome {
    const state = { ...next, version: ++this.revision }
    const objects = this.#objects.get(kind) ?? new Map<string, State>()
    this.#objects.set(kind, objects)
    if (type === 'DELETED') objects.delete(state.path)
    else objects.set(state.path, state)
    this.history.push({ type, kind, revision: this.revision, time: this.now, state, old })
    return { shown: state }
  }
}

function finalizersAfter(present: readonly string[], propagation: Propagation): string[] {
  const others = present.filter((each) => !ofPolicy.includes(each))
  const kept = ofPolicy.find((each) => present.includes(each))
  const own = { Background: undefined, Foreground: 'foregroundDeletion', Orphan: 'orphan', none: kept }[propagation ?? 'none']
  return own ? [...others, own] : others
}
