// Manager: runs the controllers of one cluster, outside the path of writes. A change of the log queues keys; a later turn of
// the event loop looks at them in slices short enough that requests never wait long; nothing ticks while nothing changes.
import {
  type Clock,
  type Controller,
  defaultUsername,
  formatWorkKey,
  nothing,
  type Plan,
  type PlannedEvent,
  type Snapshot,
  type WorkKey,
} from '../machinery/index.js'
import { DataFileError, type Realm, type SnapshotChange, type Stored, snapshotOf } from '../registry/index.js'
import { EventRecorder } from './event-recorder.js'
import { performWrite, type Writer } from './perform-plan.js'
import { Rotation } from './rotation.js'
import { type Subscriber, Triggers } from './triggers.js'
import { WorkQueue } from './work-queue.js'

export interface ManagerLogger {
  error(details: object, message: string): void
}

export interface ManagerOptions {
  realm: Realm
  /** In the order in which they start and take turns. */
  controllers: readonly Controller[]
  clock: Clock
  logger?: ManagerLogger
}

// How long controllers may hold the event loop at a stretch.
const sliceMillisMax = 5
// Nobody is told of a slice before its end: who has last taken longer than this waits for the next one.
const quickMillisMax = 1
const changesPerStepMax = 256
const readPerStepMax = 32
// An object is led on while it is still at hand: with ten thousand, one after the other is faster than stage after stage.
const leadersTurnMax = 64
const ledKeysMax = 8192
// How long they wait when the log does not take what they write: twice as long each time.
const pauseMillisMin = 10
const pauseMillisMax = 5000

/** A Plan that is being performed, perhaps over several slices. */
interface Task extends Subscriber {
  key: WorkKey
  plan: Plan
  next: number
  writer: Writer
}

export class Manager {
  readonly #realm: Realm
  readonly #subscribers: readonly Subscriber[]
  readonly #triggers: Triggers
  readonly #recorder: EventRecorder
  readonly #logger: ManagerLogger | undefined
  readonly #waiters: (() => void)[] = []
  #changes: SnapshotChange[] = []
  #task: Task | undefined
  readonly #leading: Rotation
  readonly #following: Rotation
  /** Whose turn it is in the next slice. */
  #late: Subscriber | undefined
  /** Those who have taken long. */
  readonly #slow = new Set<Subscriber>()
  /** How many keys the leading have looked at since the others had a round. */
  #ledKeys = 0
  #unwatch: (() => void) | undefined
  /** What was there at the start and has not been looked into yet. */
  #unread: Iterator<Stored, undefined> | undefined
  /** What was there at the start and has not been passed on yet. */
  #standing: Iterator<Stored, undefined> | undefined
  #slice: NodeJS.Immediate | undefined
  /** What was looked at in this slice. */
  #looks: { queue: WorkQueue; key: WorkKey }[] = []
  #pauseMillis = pauseMillisMin
  #endPause: (() => void) | undefined
  readonly #clock: Clock

  constructor({ realm, controllers, clock, logger }: ManagerOptions) {
    this.#realm = realm
    this.#clock = clock
    this.#logger = logger
    this.#recorder = new EventRecorder(realm)
    this.#subscribers = controllers.map((controller) => ({ controller, queue: new WorkQueue(clock, () => this.#wake()) }))
    this.#triggers = new Triggers(this.#subscribers, realm.catalogue)
    this.#leading = new Rotation(
      this.#subscribers.filter(({ controller }) => controller.leads),
      leadersTurnMax,
    )
    this.#following = new Rotation(this.#subscribers.filter(({ controller }) => !controller.leads))
  }

  /** Every object that is there is looked at once, and every change. */
  start(): void {
    if (this.#unwatch) return
    this.#unwatch = this.#realm.store.follow((change) => {
      if (!this.#triggers.isWatched(change.stored.resource)) return
      this.#changes.push(change)
      this.#wake()
    })
    this.#unread = this.#everything()
    this.#standing = this.#everything()
    this.#wake()
  }

  *#everything(): Generator<Stored, undefined> {
    const { store, catalogue } = this.#realm
    for (const { key, storedAs } of catalogue.definitions()) {
      if (storedAs.key !== key || !this.#triggers.isWatched(key)) continue
      yield* store.list(key)
    }
  }

  /** Whatever is not done is left. */
  stop(): void {
    this.#unwatch?.()
    this.#unwatch = undefined
    if (this.#slice) clearImmediate(this.#slice)
    this.#slice = undefined
    this.#endPause?.()
    this.#endPause = undefined
    for (const { queue } of this.#subscribers) queue.stop()
    this.#changes = []
    this.#late = undefined
    this.#unread = undefined
    this.#standing = undefined
    this.#task = undefined
    this.#tellSettled()
  }

  /** Nothing is left to do unless time moves on: what a controller wants to come back to later does not count. */
  get isSettled(): boolean {
    return !this.#task && !this.#changes.length && !this.#unread && !this.#standing && this.#subscribers.every(({ queue }) => queue.isIdle)
  }

  /** Resolves when nothing is left to do unless time moves on. */
  settled(): Promise<void> {
    return new Promise((resolve) => {
      if (this.isSettled) resolve()
      else this.#waiters.push(resolve)
    })
  }

  #wake(): void {
    if (this.#unwatch && !this.#endPause) this.#slice ??= setImmediate(this.#runSlice)
  }

  #runSlice = (): void => {
    this.#slice = undefined
    const end = performance.now() + sliceMillisMax
    this.#looks = []
    try {
      // One transaction of the file for all writes of a slice.
      this.#realm.store.batch(() => {
        while (this.#step()) if (performance.now() >= end) break
      })
      this.#pauseMillis = pauseMillisMin
    } catch (error) {
      this.#startOver(error)
    }
    if (this.isSettled) this.#tellSettled()
    else this.#wake()
  }

  /** Nothing of the slice has happened: all that was looked at in it is looked at again, after a while. */
  #startOver(error: unknown): void {
    this.#logger?.error({ err: error }, `the log does not take what controllers write: they try again in ${this.#pauseMillis} ms`)
    const looks = this.#task ? [...this.#looks, this.#task] : this.#looks
    this.#task?.queue.done(this.#task.key)
    this.#task = undefined
    this.#endPause = this.#clock.after(this.#pauseMillis, () => {
      this.#endPause = undefined
      this.#wake()
    })
    this.#pauseMillis = Math.min(this.#pauseMillis * 2, pauseMillisMax)
    for (const { queue, key } of looks) queue.add(key)
  }

  #tellSettled(): void {
    for (const resolve of this.#waiters.splice(0)) resolve()
  }

  /**
   * One thing: passing on what happened, one write, or one look at a key.
   * @returns whether there was anything to do now @throws {DataFileError} and nothing else
   */
  #step(): boolean {
    if (this.#unread) return this.#read(this.#unread)
    if (this.#changes.length) return this.#passOn()
    if (this.#task) return this.#perform(this.#task)
    if (this.#standing) return this.#takeStanding(this.#standing)
    const subscriber = this.#late ?? this.#nextSubscriber()
    if (!subscriber) return false
    this.#late = this.#looks.length && this.#slow.has(subscriber) ? subscriber : undefined
    if (this.#late) return false
    const key = subscriber.queue.take()
    if (key) this.#lookInTime(subscriber, key)
    return true
  }

  #passOn(): boolean {
    const changes = this.#changes
    this.#changes = changes.slice(changesPerStepMax)
    const snapshot = snapshotOf(this.#realm)
    for (const change of changes.slice(0, changesPerStepMax)) this.#triggers.fire(change, snapshot, this.#reportTrigger)
    return true
  }

  /** Controllers ask for indexes, which are made over all objects of a kind in one go: those of a file are parsed before, piece by piece. */
  #read(unread: Iterator<Stored, undefined>): boolean {
    for (let count = 0; count < readPerStepMax; count++) {
      const { value, done } = unread.next()
      if (done) {
        this.#unread = undefined
        break
      }
      parse(value)
    }
    return true
  }

  /** What was there at the start is passed on piece by piece, as if it had just come: a file may hold very much. */
  #takeStanding(standing: Iterator<Stored, undefined>): boolean {
    while (this.#changes.length < changesPerStepMax) {
      const { value, done } = standing.next()
      if (done) {
        this.#standing = undefined
        break
      }
      this.#changes.push({ type: 'ADDED', stored: value, old: undefined })
    }
    return true
  }

  /** Those who lead go first, a few keys each, until others have waited long enough for a round of theirs. */
  #nextSubscriber(): Subscriber | undefined {
    const leader = this.#ledKeys < ledKeysMax ? this.#nextLeader() : undefined
    if (leader) this.#ledKeys++
    const next = leader ?? this.#following.next()
    if (next) return next
    this.#ledKeys = 0
    return this.#nextLeader() ?? this.#following.next()
  }

  /** The end of a round is the beginning of another. */
  #nextLeader(): Subscriber | undefined {
    return this.#leading.next() ?? this.#leading.next()
  }

  #lookInTime(subscriber: Subscriber, key: WorkKey): void {
    const began = performance.now()
    this.#look(subscriber, key)
    if (performance.now() - began > quickMillisMax) this.#slow.add(subscriber)
    else this.#slow.delete(subscriber)
  }

  #look(subscriber: Subscriber, key: WorkKey): void {
    this.#triggers.forget(subscriber)
    this.#looks.push({ queue: subscriber.queue, key })
    let plan: Plan
    try {
      plan = planOf(subscriber.controller, key, snapshotOf(this.#realm))
    } catch (error) {
      this.#fail(subscriber, key, error)
      return
    }
    const { controller, queue } = subscriber
    const { name, fieldManager, username = defaultUsername(name) } = controller
    const writer: Writer = { fieldManager: plan.fieldManager ?? fieldManager, username: plan.username ?? username }
    this.#task = { controller, queue, key, plan, next: 0, writer }
    this.#perform(this.#task)
  }

  #perform(task: Task): true {
    const { key, plan, queue, writer } = task
    try {
      if (task.next < plan.writes.length) {
        const write = plan.writes[task.next++]
        if (performWrite(this.#realm, write, writer, this.#record) === 'outdated') {
          this.#task = undefined
          queue.outdated(key)
          return true
        }
      }
      if (task.next < plan.writes.length) return true
      this.#task = undefined
      queue.done(key)
      if (plan.requeueAfterMillis !== undefined) queue.addAfter(key, plan.requeueAfterMillis)
    } catch (error) {
      this.#task = undefined
      this.#fail(task, key, error)
    }
    return true
  }

  #record = (event: PlannedEvent, writer: Writer): void => this.#recorder.record(event, writer)

  #fail({ controller, queue }: Subscriber, key: WorkKey, error: unknown): void {
    queue.failed(key)
    if (error instanceof DataFileError) throw error
    this.#logger?.error({ err: error, controller: controller.name, key: formatWorkKey(key) }, `${controller.name} failed and will try again`)
  }

  #reportTrigger = (controller: Controller, error: unknown): void => {
    this.#logger?.error({ err: error, controller: controller.name }, `${controller.name} cannot tell what a change concerns`)
  }
}

/** An object is parsed when somebody asks for it. */
const parse = (stored: Stored) => stored.object

function planOf(controller: Controller, key: WorkKey, snapshot: Snapshot): Plan {
  const observed = controller.observe(key, snapshot)
  return observed === undefined ? nothing : controller.reconcile(observed)
}
