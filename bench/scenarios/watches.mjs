// Watches: from the writer sending its request to each client having the event, beside a bare fan-out under the very same load.
import { requestBytes } from '../client/connection.mjs'
import { percentile } from '../client/load.mjs'
import { Watchers } from '../client/watchers.mjs'
import { writeSteadily } from '../client/writer.mjs'
import { only, pause } from '../measuring/rounds.mjs'
import { row } from '../measuring/rows.mjs'
import { configMap } from '../objects.mjs'

const writesPerSecond = 300
// Longer than this nobody waits for what is missing.
const graceMillis = 10_000

export const watches = [
  { watchers: 1000, atMost: 10 },
  { watchers: 100, atMost: 5 },
].map(({ watchers, atMost }) => ({
  name: `watch-${watchers}`,
  text: `${watchers.toLocaleString('en')} watchers and ${writesPerSecond} writes/s: time from write to client, beside a bare fan-out`,
  async run(stand) {
    const { ours, other } = await stand.contenders({ prepare: ({ server, api, namespace }) => configMapsOf(server, api, namespace) })
    const line = await lineLength(ours)
    const limit = await bareFanOut(await stand.processes.limit('fan-out'), line)
    const lane = async (contender) => {
      if (!contender) return undefined
      const fan = await openFan(contender, watchers)
      await fan.measure({ seconds: Math.min(1, stand.seconds), perSecond: writesPerSecond })
      return () => fan.measure({ seconds: stand.seconds, perSecond: writesPerSecond, note: (text) => stand.note(text) })
    }
    const lanes = { ours: await lane(ours), limit: await lane(limit), against: await lane(other) }
    const taken = await stand.byTurns(lanes)
    const what = `${watchers.toLocaleString('en')} watchers, ${writesPerSecond} writes/s`
    const latency = (name, must) => row({ what: `${what}: write to client, ${name}`, unit: 'ms', ...only(taken, name), must })
    return [
      latency('p50'),
      latency('p99', { figure: { atMost } }),
      latency('max'),
      row({ what: `${what}: deliveries`, unit: '/s', ...only(taken, 'perSecond') }),
    ]
  },
}))

/** Creates ConfigMaps that carry the sequence number, and watches them. */
async function configMapsOf(server, api, namespace) {
  const collection = `/api/v1/namespaces/${namespace}/configmaps`
  const body = (sequence) => ({ ...configMap, data: { sequence: String(sequence), value: configMap.data.value } })
  return {
    server,
    api,
    collection,
    body,
    watchPath: async () => `${collection}?watch=1&resourceVersion=${(await api.get(collection)).metadata.resourceVersion}`,
    write: (sequence) => requestBytes(server, 'POST', collection, { body: JSON.stringify(body(sequence)) }),
  }
}

/** What an event weighs with us: the bare server tells as much. */
async function lineLength({ api, collection, body }) {
  const created = await api.create(collection, body(0))
  return JSON.stringify({ type: 'ADDED', object: created }).length + 1
}

async function bareFanOut(server, length) {
  const line = (sequence) => `{"sequence":"${sequence}"}`.padEnd(length - 1, ' ')
  return {
    server,
    watchPath: async () => '/watch',
    write: (sequence) => requestBytes(server, 'POST', '/event', { body: line(sequence) }),
  }
}

/** @returns `measure`: a round of writes, and how long each took to reach each watcher */
export async function openFan({ server, watchPath, write }, count) {
  const watchers = new Watchers(count)
  await watchers.open(server, await watchPath())
  let sequence = 1
  return {
    async measure({ seconds, perSecond, note = () => {} }) {
      const writes = Math.max(1, Math.round(seconds * perSecond))
      watchers.begin(writes)
      const { sentAt, began } = await writeSteadily(server, { perSecond, request: write, first: sequence, count: writes })
      sequence += writes
      const waited = performance.now()
      while (!watchers.hasAll(writes) && performance.now() - waited < graceMillis) await pause(5)
      const { millis, last } = watchers.deliveries(sentAt)
      const missing = writes * count - millis.length
      if (missing) note(`${missing} deliveries are missing, ${watchers.ended} watches were ended`)
      const at = (share) => (missing > millis.length * (1 - share) ? Number.POSITIVE_INFINITY : percentile(millis, share))
      return { p50: at(0.5), p99: at(0.99), max: at(1), perSecond: millis.length / ((last - began) / 1000) }
    },
    close: () => watchers.close(),
  }
}
