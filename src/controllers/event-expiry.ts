// Events are forgotten an hour after they last happened.
// Upstream: the flag --event-ttl of kube-apiserver, kept by leases of etcd
// Differs: they go up to a minute late, all of a minute together, so that thousands of them cost one timer.
import { type Controller, defineController, keyOf, on, type Plan } from '../machinery/index.js'
import { type Event, event } from '../resources/index.js'

const lifeMillis = 3_600_000
const minuteMillis = 60_000

interface Observed {
  expired: readonly Event[]
  /** Milliseconds until the minute of this key is over. */
  waitMillis: number
}

export const eventExpiry: Controller<Observed> = defineController<Observed>({
  name: 'event-expiry',
  fieldManager: 'kube-apiserver',
  username: 'system:apiserver',
  watches: [on(event, ({ object, deleted }) => (deleted ? [] : [keyOfMinute(expiryOf(object))]))],
  observe({ name }, snapshot) {
    const end = (Number(name) + 1) * minuteMillis
    if (end > snapshot.now) return { expired: [], waitMillis: end - snapshot.now }
    return { expired: snapshot.list(event).filter((each) => expiryOf(each) < end), waitMillis: 0 }
  },
  reconcile({ expired, waitMillis }): Plan {
    if (waitMillis) return { writes: [], requeueAfterMillis: waitMillis }
    return { writes: expired.map((each) => ({ verb: 'delete', definition: event, key: keyOf(each) })) }
  },
})

const keyOfMinute = (millis: number) => ({ namespace: '', name: String(Math.floor(millis / minuteMillis)) })

/** Milliseconds since the epoch. */
function expiryOf({ metadata, eventTime, lastTimestamp, series }: Event): number {
  const times = [metadata.creationTimestamp, eventTime, lastTimestamp, series?.lastObservedTime].flatMap((time) => (time ? [Date.parse(time)] : []))
  return Math.max(...times) + lifeMillis
}
