// 20,000 endpoints behind one Service; then one pod of them that is no longer ready.
import { openLines } from '../client/lines.mjs'
import { pause, within } from '../measuring/rounds.mjs'
import { row } from '../measuring/rows.mjs'
import { namespaceOf, podPath, populate, readiness, serviceOf } from './population.mjs'

const pods = 20_000
const name = 'one-for-all'
const settleMillisMax = 300_000
// Whatever else is written for the change comes within this.
const aftermathMillis = 1000

export const endpoints = {
  name: 'one-pod-of-20000',
  text: '20,000 endpoints of one Service until all slices are told, then one pod that changes',
  isLong: true,
  async run(stand) {
    const { ours } = await stand.contenders({ withOther: false })
    await populate(stand, ours, { nodes: 200, namespaces: 1, pods, services: 1 })
    await removeService(ours, 'service-0')
    const slices = await SliceWatch.open(ours)
    const samples = { settled: [], limits: [], changed: [], told: [], writes: [], slices: [] }
    for (let round = 0; round < stand.rounds; round++) {
      stand.note(`round ${round + 1} of ${stand.rounds}`)
      samples.settled.push(await settle(ours, slices))
      samples.slices.push(slices.count)
      samples.limits.push(await bareSettle(stand, slices.lines()))
      const { millis, writes, bytes } = await change(ours, slices)
      samples.changed.push(millis)
      samples.writes.push(writes)
      samples.told.push(await bareChange(stand, bytes))
      await removeService(ours, name)
      await slices.until(() => slices.count === 0, 'the slices are gone')
    }
    slices.close()
    const all = '20,000 endpoints of one Service'
    return [
      row({ what: `${all}: from its creation until all are told`, unit: 's', ours: samples.settled, limit: samples.limits, must: { figure: { atMost: 3 } } }),
      row({ what: `${all}: slices`, ours: samples.slices }),
      row({
        what: 'one pod of them changes: until its slice is told',
        unit: 'ms',
        ours: samples.changed,
        limit: samples.told,
        must: { figure: { atMost: 10 } },
      }),
      row({ what: 'one pod of them changes: slices written', ours: samples.writes, must: { figure: { atMost: 1 } } }),
    ]
  },
}

const services = `/api/v1/namespaces/${namespaceOf(0)}/services`

const removeService = ({ api }, service) => api.send('DELETE', `${services}/${service}`)

/** @returns seconds */
async function settle({ api }, slices) {
  const began = performance.now()
  const created = api.create(services, serviceOf(name, { group: 'group-0' }))
  const at = await slices.until(() => slices.ready === pods, `${pods} endpoints are told`)
  await created
  return (at - began) / 1000
}

/** What sending and reading as many bytes takes. */
async function bareSettle(stand, text) {
  const limit = await stand.processes.limit('http')
  const api = stand.api(limit)
  await api.create('/prepare', { text })
  const began = performance.now()
  const { body } = await api.ask('GET', '/bytes')
  for (const line of body.toString().trim().split('\n')) JSON.parse(line)
  const seconds = (performance.now() - began) / 1000
  await limit.end()
  return seconds
}

/** @returns milliseconds until a slice is told, how many slices are written, and what the event weighs */
async function change({ api }, slices) {
  await pause(aftermathMillis)
  const patch = (isReady) => api.send('PATCH', `${podPath(0, 7)}/status`, readiness(isReady), 'application/merge-patch+json')
  const before = slices.events
  const began = performance.now()
  const patched = patch(false)
  const at = await slices.until(() => slices.events > before, 'the change is told')
  await patched
  await pause(aftermathMillis)
  const found = { millis: at - began, writes: slices.events - before, bytes: slices.lastLine.length }
  await patch(true)
  await slices.until(() => slices.ready === pods, 'the pod is ready again')
  return found
}

/** A bare fan-out tells one watcher of as many bytes. */
async function bareChange(stand, bytes) {
  const limit = await stand.processes.limit('fan-out')
  let watch
  const told = new Promise((resolve) => {
    watch = openLines(limit, '/watch', (_line, at) => resolve(at))
  })
  await watch
  const began = performance.now()
  const posted = stand.api(limit).ask('POST', '/event', { filler: ''.padEnd(bytes, 'x') })
  const millis = (await within(settleMillisMax, told, 'a bare fan-out tells')) - began
  await posted
  ;(await watch).close()
  await limit.end()
  return millis
}

/** What a client of the slices knows. */
class SliceWatch {
  events = 0
  lastLine = ''
  ready = 0
  #slices = new Map()
  #waiting
  #watch

  static async open({ server, api }) {
    const made = new SliceWatch()
    const path = `/apis/discovery.k8s.io/v1/namespaces/${namespaceOf(0)}/endpointslices`
    const { items, metadata } = await api.get(path)
    for (const slice of items) made.#keep('ADDED', slice, '')
    made.#watch = await openLines(server, `${path}?watch=1&resourceVersion=${metadata.resourceVersion}`, (line, at) => made.#take(line, at))
    await made.until(() => made.count === 0, 'the first slices are gone')
    return made
  }

  get count() {
    return this.#slices.size
  }

  lines() {
    return [...this.#slices.values()].map(({ line }) => `${line}\n`).join('')
  }

  /** @returns when it came true */
  until(condition, what) {
    if (condition()) return Promise.resolve(performance.now())
    const come = new Promise((resolve) => {
      this.#waiting = (at) => {
        if (!condition()) return
        this.#waiting = undefined
        resolve(at)
      }
    })
    return within(settleMillisMax, come, what)
  }

  #take(line, at) {
    this.events++
    this.lastLine = line
    const { type, object } = JSON.parse(line)
    this.#keep(type, object, line)
    this.#waiting?.(at)
  }

  #keep(type, object, line) {
    const { name } = object.metadata
    this.ready -= this.#slices.get(name)?.ready ?? 0
    this.#slices.delete(name)
    if (type === 'DELETED') return
    const ready = (object.endpoints ?? []).filter(({ conditions }) => conditions.ready).length
    this.ready += ready
    this.#slices.set(name, { line, ready })
  }

  close() {
    this.#watch.close()
  }
}
