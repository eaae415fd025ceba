// Plays commands on a registry and on its model at once, and compares all that can be seen of the two.
import { deepStrictEqual, ok, strictEqual } from 'node:assert'
import { randomSource } from '../../src/cluster/random.js'
import { isStatus, type KubeObject, type Plain } from '../../src/machinery/index.js'
import { type Answer, create, get, patch, type Realm, remove, removeCollection, update, type WriteCall } from '../../src/registry/index.js'
import { openRealm, testNamespace } from '../support/realm.js'
import { Model, type Outcome, type State } from './model.js'
import { callOf, isIn, orRefusal, type Place, selectorOf } from './model-calls.js'
import type { Command, Named } from './model-commands.js'
import { bodyOf, type ModelKind, modelKinds, patchOf, shownObject, shownState, valueIn } from './model-kinds.js'
import { ModelLists } from './model-lists.js'
import { ModelWatches } from './model-watches.js'

const historyLimits = { ageMillisMax: 1000, eventsMax: 40, bytesMax: Number.POSITIVE_INFINITY }
// What compaction may take with each write.
const forgottenPerWrite = 4
const otherNamespace = 'samples-2'
const paths = [testNamespace, otherNamespace].flatMap((namespace) => ['a', 'b', 'c'].map((name) => ({ namespace, name })))

/** @param data a file; in memory when absent. @throws {AssertionError} where registry and model differ */
export function play(commands: readonly Command[], data?: string): void {
  const game = new Game(data)
  try {
    for (const command of commands) game.step(command)
    game.end()
  } finally {
    game.close()
  }
}

class Game {
  readonly #data: string | undefined
  readonly #model: Model
  readonly #lists: ModelLists
  #watches: ModelWatches
  #now = Date.parse('2026-11-22T11:05:39Z')
  #realm: Realm

  constructor(data?: string) {
    this.#data = data
    this.#realm = this.#open()
    this.#model = new Model(this.#realm.store.revision)
    this.#model.now = this.#now
    this.#lists = new ModelLists(this.#model)
    this.#watches = new ModelWatches(this.#model)
  }

  step(command: Command): void {
    const before = { revision: this.#model.revision, compacted: this.#realm.store.compactedRevision }
    this.#perform(command)
    strictEqual(this.#realm.store.revision, this.#model.revision, 'revision')
    this.#checkCompaction(before)
    for (const kind of modelKinds) this.#checkList(kind)
  }

  end(): void {
    this.#watches.check()
    for (let revision = this.#realm.store.compactedRevision; revision <= this.#model.revision; revision++) {
      for (const kind of modelKinds) this.#checkPast(kind, revision)
    }
  }

  close(): void {
    this.#realm.hub.close()
    this.#realm.store.close()
  }

  #open(): Realm {
    const { realm, create: createPlain } = openRealm({ clock: { now: () => this.#now }, historyLimits, data: this.#data })
    createPlain('v1/namespaces', { metadata: { name: otherNamespace } })
    // A log that is opened again must not give out the same uids again.
    return { ...realm, randomFor: randomSource(`samples from ${realm.store.revision}`) }
  }

  #perform(command: Command): void {
    const realm = this.#realm
    if (command.verb === 'list') this.#lists.begin(realm, this.#placeOf(command), command)
    else if (command.verb === 'continue') this.#lists.goOn(realm, command.list)
    else if (command.verb === 'watch') this.#watches.begin(realm, this.#placeOf(command), command)
    else if (command.verb === 'deletecollection') this.#deleteCollection(this.#placeOf(command), command)
    else if (command.verb === 'wait') this.#wait(command.millis)
    else if (command.verb === 'reopen') this.#reopen()
    else this.#performOnObject(command)
  }

  #wait(millis: number): void {
    this.#now += millis
    this.#model.now = this.#now
  }

  #performOnObject(command: Extract<Command, { path: number }>): void {
    const kind = chosen(modelKinds, command.kind)
    const { namespace, name } = chosen(paths, command.path)
    const path = `${namespace}/${name}`
    const old = this.#model.get(kind.kind, path)
    const call = callOf(kind, { namespace, name, isDryRun: command.isDryRun })
    const { answer, outcome } = this.#both(command, { kind, name, path, old, call })
    this.#compare(command, kind, answer, outcome)
    if (isObject(answer) && !command.isDryRun) this.#model.learnUID(kind.kind, path, answer.metadata.uid ?? '')
  }

  /** What the registry answers, and what it is to answer. */
  #both(command: Extract<Command, { path: number }>, { kind, name, path, old, call }: Target): { answer: Seen; outcome: Outcome } {
    const realm = this.#realm
    const { isDryRun } = command
    switch (command.verb) {
      case 'get':
        return { answer: seen(() => get(realm, call)), outcome: old ? { shown: old } : { refused: '404 NotFound' } }
      case 'create': {
        const answer = seen(() => create(realm, { ...call, name: '' }, { value: bodyOf(kind, name, command.content) }))
        return { answer, outcome: this.#model.create(kind, path, command.content, { isDryRun }) }
      }
      case 'update': {
        const wanted = { ...this.#wanted(command, old), isDryRun }
        const value = bodyOf(kind, name, command.content, metadataOf(wanted))
        return { answer: seen(() => update(realm, call, { value })), outcome: this.#model.update(kind, path, command.content, wanted) }
      }
      case 'patch': {
        const wanted = { ...this.#wanted(command, old), isDryRun }
        // A strategic patch merges finalizers: not what the model says.
        const { finalizers, ...others } = command.content
        const content = command.form === 'strategic' || !finalizers ? others : command.content
        const value = patchOf(kind, command.form, content, old, wanted.version?.toString())
        return { answer: seen(() => patch(realm, call, { type: command.form, body: { value } })), outcome: this.#model.patch(kind, path, content, wanted) }
      }
      case 'apply': {
        const definition = call.definition
        const value = { apiVersion: definition.apiVersion, kind: definition.kind, metadata: { name }, ...valueIn(kind, command.value) }
        const options = { ...call.options, fieldManager: command.manager, force: command.isForced }
        const answer = seen(() => patch(realm, { ...call, options }, { type: 'apply', body: { value } }))
        return { answer, outcome: this.#model.apply(kind, path, command.value, command) }
      }
      case 'delete': {
        const wanted = { ...this.#wanted(command, old), isDryRun }
        const options = { ...deletionOf(command), preconditions: metadataOf(wanted), ...(isDryRun ? { dryRun: ['All'] } : {}) }
        return { answer: seen(() => remove(realm, call, options)), outcome: this.#model.delete(kind, path, command.propagation, wanted) }
      }
    }
  }

  #wanted({ version, uid }: { version: Named; uid: Named }, old: State | undefined): { version?: number; uid?: string } {
    const { history, revision } = this.#model
    const wanted: { version?: number; uid?: string } = {}
    if (version === 'right') wanted.version = old?.version ?? revision
    else if (version !== 'none') wanted.version = 1 + (version.old % revision)
    const known = uid === 'right' ? old?.uid : uid === 'none' || !history.length ? undefined : chosen(history, uid.old).state.uid
    if (known) wanted.uid = known
    return wanted
  }

  #compare(command: { verb: string; isDryRun: boolean }, kind: ModelKind, answer: Seen, outcome: Outcome): void {
    if (typeof answer === 'string' || 'refused' in outcome) {
      deepStrictEqual(answer, 'refused' in outcome ? outcome.refused : outcome.shown && shownState(outcome.shown))
    } else if (!outcome.shown) ok(!isObject(answer), `${command.verb} answers no object`)
    else {
      // A new object's uid is the registry's to choose, and one that never comes to be has no version.
      const { shown } = outcome
      const uid = shown.uid || (answer.metadata.uid ?? '')
      const version = command.isDryRun && !shown.uid ? Number.NaN : shown.version
      strictEqual(shownObject(kind, answer as KubeObject), shownState({ ...shown, uid, version }), `the answer to ${command.verb}`)
    }
  }

  #deleteCollection(place: Place, { propagation }: { propagation: Extract<Command, { verb: 'delete' }>['propagation'] }): void {
    const call = callOf(place.kind, { namespace: place.namespace, name: '', isDryRun: false })
    const listed = removeCollection(this.#realm, call, { labelSelector: place.selector.text }, propagation ? { propagationPolicy: propagation } : {})
    const expected = this.#model.listAt(place.kind.kind, this.#model.revision).filter((state) => isIn(place, state))
    deepStrictEqual(
      listed.items.map(({ object }) => shownObject(place.kind, object)),
      expected.map(shownState),
    )
    for (const { path } of expected) this.#model.delete(place.kind, path, propagation, { isDryRun: false })
  }

  #reopen(): void {
    if (!this.#data) return
    this.#watches.check()
    this.#watches = new ModelWatches(this.#model)
    const { compactedRevision } = this.#realm.store
    this.close()
    this.#realm = this.#open()
    strictEqual(this.#realm.store.compactedRevision, compactedRevision, 'what has been forgotten stays so')
  }

  #placeOf({ kind, namespace, selector }: { kind: number; namespace: number | undefined; selector: number }): Place {
    return {
      kind: chosen(modelKinds, kind),
      namespace: namespace === undefined ? '' : chosen([testNamespace, otherNamespace], namespace),
      selector: selectorOf(selector),
    }
  }

  #checkList(kind: ModelKind): void {
    deepStrictEqual(
      this.#realm.store.list(kind.kind).map(({ object }) => shownObject(kind, object)),
      this.#model.listAt(kind.kind, this.#model.revision).map(shownState),
    )
  }

  #checkPast(kind: ModelKind, revision: number): void {
    const items = this.#realm.store.listAt(revision, kind.kind)
    ok(items !== 'compacted', `revision ${revision} is remembered`)
    deepStrictEqual(
      items.map(({ object }) => shownObject(kind, object)),
      this.#model.listAt(kind.kind, revision).map(shownState),
    )
  }

  /** Forgets only what is too old or too much, and does not fall behind. */
  #checkCompaction(before: { revision: number; compacted: number }): void {
    const { compactedRevision, revision } = this.#realm.store
    ok(compactedRevision >= before.compacted && compactedRevision <= revision, 'compaction goes forward')
    const isOld = ({ time }: { time: number }) => this.#now - time > historyLimits.ageMillisMax
    const forgotten = this.#model.after(before.compacted).filter((change) => change.revision <= compactedRevision)
    if (!forgotten.every(isOld)) ok(revision - compactedRevision >= historyLimits.eventsMax, 'nothing is forgotten that may stay')
    const writes = revision - before.revision
    const [oldest] = this.#model.after(compactedRevision)
    const isBehind = revision - compactedRevision > historyLimits.eventsMax || (oldest !== undefined && isOld(oldest))
    if (writes && isBehind) ok(compactedRevision - before.compacted >= forgottenPerWrite * writes, 'compaction keeps up')
  }
}

interface Target {
  kind: ModelKind
  name: string
  path: string
  old: State | undefined
  call: WriteCall
}

/** The code and reason of a refusal, or what was answered. */
type Seen = string | Plain

const isObject = (answer: Seen): answer is Plain & KubeObject => typeof answer !== 'string' && !isStatus(answer)
const chosen = <Item>(all: readonly Item[], number: number): Item => all[number % all.length]

const seen = (verb: () => Answer): Seen => orRefusal(() => verb().object as Plain)

function metadataOf({ version, uid }: { version?: number; uid?: string }): Plain {
  return { ...(version === undefined ? {} : { resourceVersion: String(version) }), ...(uid === undefined ? {} : { uid }) }
}

function deletionOf({ propagation, isOldWay }: Extract<Command, { verb: 'delete' }>) {
  if (!propagation) return {}
  // The deprecated way says the same of two of the three.
  return isOldWay && propagation !== 'Foreground' ? { orphanDependents: propagation === 'Orphan' } : { propagationPolicy: propagation }
}
