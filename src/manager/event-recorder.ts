// EventRecorder: writes what controllers have to say as Events, the same one again as a count.
// Upstream: client-go/tools/record/event.go, client-go/tools/events/event_recorder.go
import { formatMicroTime, formatTime, type Plain, type PlannedEvent, type ResourceDefinition, StatusError } from '../machinery/index.js'
import { create, patch, type Realm } from '../registry/index.js'
import { event as coreEvent, eventsEvent } from '../resources/index.js'
import { EventCorrelator } from './event-correlator.js'
import { userOf, type Writer } from './perform-plan.js'
import { Recent } from './recent.js'

// Upstream: client-go/tools/events/event_broadcaster.go, finishTime and refreshTime
const seriesEndsMillis = 360_000
const heartbeatMillis = 1_800_000
const seriesMax = 4096

interface Series {
  name: string
  count: number
  /** Milliseconds since the epoch. */
  last: number
  written: number
}

export class EventRecorder {
  readonly #realm: Realm
  readonly #correlator = new EventCorrelator()
  readonly #series = new Recent<Series>(seriesMax)
  #lastNanos = 0n

  constructor(realm: Realm) {
    this.#realm = realm
  }

  /** An event that cannot be written is no event: nobody waits for it. @throws what is not a refusal */
  record(event: PlannedEvent, writer: Writer): void {
    try {
      if (event.action === undefined) this.#recordCounted(event, writer)
      else this.#recordInSeries(event, event.action, writer)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
    }
  }

  #recordCounted(planned: PlannedEvent, writer: Writer): void {
    const now = this.#realm.now()
    const { event, key, isSpam } = this.#correlator.correlate(planned, now)
    if (isSpam) return
    const time = formatTime(now)
    const before = this.#correlator.written(key)
    const count = (before?.count ?? 0) + 1
    const firstTimestamp = before?.firstTimestamp ?? time
    const isCounted = before && this.#patch(coreEvent, event, before.name, { count, lastTimestamp: time, message: event.message }, writer)
    const name = isCounted ? before.name : this.#newName(event, now)
    if (!isCounted) this.#create(coreEvent, event, countedEvent(event, { name, count, firstTimestamp, lastTimestamp: time }), writer)
    this.#correlator.remember(key, { name, count, firstTimestamp })
  }

  #recordInSeries(event: PlannedEvent, action: string, writer: Writer): void {
    const now = this.#realm.now()
    const { kind, namespace, name, uid, resourceVersion, fieldPath } = event.regarding
    const key = [event.type, action, event.reason, event.component, kind, namespace, name, uid, resourceVersion, fieldPath].join('\u0000')
    const series = this.#series.get(key)
    if (series && now - series.last <= seriesEndsMillis) {
      series.count++
      series.last = now
      // Once told to repeat itself, an event is only counted until the next sign of life.
      if (series.count > 2 && now - series.written < heartbeatMillis) return
      series.written = now
      if (this.#patch(eventsEvent, event, series.name, { series: { count: series.count, lastObservedTime: formatMicroTime(now) } }, writer)) return
    }
    const eventName = this.#newName(event, now)
    this.#create(eventsEvent, event, seriesEvent(event, action, eventName, now), writer)
    this.#series.set(key, { name: eventName, count: 1, last: now, written: now })
  }

  /** The object's name and the time in nanoseconds, which is made to move on with each name. */
  #newName({ regarding }: PlannedEvent, now: number): string {
    const nanos = BigInt(now) * 1_000_000n
    this.#lastNanos = nanos > this.#lastNanos ? nanos : this.#lastNanos + 1n
    return `${regarding.name}.${this.#lastNanos.toString(16)}`
  }

  #create(definition: ResourceDefinition, event: PlannedEvent, object: Plain, writer: Writer): void {
    create(this.#realm, callOf(definition, event, '', writer), { value: object, isOwn: true, isSmall: true })
  }

  /** @returns whether the event was there */
  #patch(definition: ResourceDefinition, event: PlannedEvent, name: string, change: Plain, writer: Writer): boolean {
    try {
      patch(this.#realm, callOf(definition, event, name, writer), { type: 'strategic', body: { value: change } })
      return true
    } catch (error) {
      if (error instanceof StatusError && error.status.reason === 'NotFound') return false
      throw error
    }
  }
}

const namespaceOf = ({ regarding }: PlannedEvent) => regarding.namespace || 'default'

function callOf(definition: ResourceDefinition, event: PlannedEvent, name: string, { fieldManager, username }: Writer) {
  return { definition, namespace: namespaceOf(event), name, subresource: '', user: userOf(username), warn() {}, options: { fieldManager } }
}

interface Counted {
  name: string
  count: number
  firstTimestamp: string
  lastTimestamp: string
}

function countedEvent(event: PlannedEvent, { name, count, firstTimestamp, lastTimestamp }: Counted): Plain {
  const { regarding, reason, message, type, component, host } = event
  return {
    kind: coreEvent.kind,
    apiVersion: coreEvent.apiVersion,
    metadata: { name, namespace: namespaceOf(event) },
    involvedObject: regarding,
    reason,
    message,
    source: { component, ...(host ? { host } : {}) },
    count,
    firstTimestamp,
    lastTimestamp,
    type,
    reportingComponent: component,
    reportingInstance: host ?? '',
  }
}

function seriesEvent(event: PlannedEvent, action: string, name: string, now: number): Plain {
  const { regarding, reason, message, type, component, host } = event
  return {
    kind: eventsEvent.kind,
    apiVersion: eventsEvent.apiVersion,
    metadata: { name, namespace: namespaceOf(event) },
    eventTime: formatMicroTime(now),
    reportingController: component,
    reportingInstance: host ?? component,
    action,
    reason,
    regarding,
    note: message.slice(0, noteLengthMax),
    type,
  }
}

const noteLengthMax = 1024
