// A cluster at the limits that upstream promises: what it weighs, and how it answers meanwhile.
import { requestBytes } from '../client/connection.mjs'
import { load, percentile } from '../client/load.mjs'
import { writeSteadily } from '../client/writer.mjs'
import { memoryMiB } from '../measuring/process-stats.mjs'
import { only, pause } from '../measuring/rounds.mjs'
import { row } from '../measuring/rows.mjs'
import { podPath, populate } from './population.mjs'

const size = { nodes: 5000, namespaces: 100, pods: 1500, services: 93, sidePods: 100, sideServices: 7 }
const total = size.namespaces * size.pods
const pageSize = 500
const pages = total / pageSize
const writesPerSecond = 100
const restSeconds = 15
const listMillisMax = 60_000

export const holding = {
  name: 'holding',
  text: '5,000 nodes, 150,000 pods, 10,000 Services, 160,000 endpoints: memory, gets, and a list of all pods while writes go on',
  isLong: true,
  async run(stand) {
    const { ours } = await stand.contenders({ withOther: false })
    const endpoints = await populate(stand, ours, size)
    stand.note(`${endpoints} endpoints`)
    await pause(restSeconds * 1000)
    const resident = memoryMiB(ours.server, 'VmRSS')
    const limit = await bareServer(stand, ours)
    const gets = await stand.byTurns({ ours: () => getP99(stand, ours.server, anyPod), limit: () => getP99(stand, limit.get, () => ['GET', '/bytes']) })
    const lists = await stand.byTurns({ ours: () => listWhileWriting(stand, oursListed(ours)), limit: () => listWhileWriting(stand, limit.listed) })
    const what = 'holding 150,000 pods'
    return [
      row({ what: `${what}: endpoints`, ours: [endpoints] }),
      row({ what: `${what}: resident`, unit: 'MiB', ours: [resident], must: { figure: { atMost: 2048 } } }),
      row({ what: `${what}: resident at most, while lists are read`, unit: 'MiB', ours: [memoryMiB(ours.server, 'VmHWM')] }),
      row({ what: `${what}: single get, p99`, unit: 'ms', ...gets, must: { figure: { atMost: 5 } } }),
      row({ what: `${what}: list of all pods by pages of 500`, unit: 's', ...only(lists, 'seconds'), must: { figure: { atMost: 5 } } }),
      row({ what: `${what}: ${writesPerSecond} writes/s meanwhile, p99`, unit: 'ms', ...only(lists, 'p99'), must: { figure: { atMost: 20 } } }),
    ]
  },
}

// Far from the one before, and the same in each run.
const stride = 7919
const anyPod = (index) => {
  const number = (index * stride) % total
  return ['GET', podPath(Math.floor(number / size.pods), number % size.pods)]
}

async function getP99(stand, server, what) {
  const { millis } = await load(server, { connections: 1, seconds: stand.seconds, request: (index) => requestBytes(server, ...what(index)) })
  return percentile(millis, 0.99)
}

/** Two of them: one that has a pod, one that has a page. */
async function bareServer(stand, { api }) {
  const [get, page] = [await stand.processes.limit('http'), await stand.processes.limit('http')]
  await stand.api(get).create('/prepare', { text: (await api.ask(...anyPod(1))).body.toString() })
  const pageApi = stand.api(page)
  await pageApi.create('/prepare', { text: (await api.ask('GET', pagePath(''))).body.toString() })
  let left = 0
  const nextPage = async (next) => {
    if (!next) left = pages
    await pageApi.ask('GET', '/bytes')
    return --left > 0 ? 'more' : ''
  }
  return { get, listed: { server: page, nextPage, write: (index) => requestBytes(page, 'POST', '/echo', { body: note(index) }) } }
}

const pagePath = (next) => `/api/v1/pods?limit=${pageSize}&continue=${next}`
const note = (index) => JSON.stringify({ metadata: { annotations: { note: `${index} ${performance.now()}` } } })

function oursListed({ server, api }) {
  return {
    server,
    async nextPage(next) {
      const { body } = await api.ask('GET', pagePath(next))
      // It stands before the pods, which nobody takes apart here.
      return /"continue":"([^"]*)"/.exec(body.latin1Slice(0, 1000))?.[1] ?? ''
    },
    write: (index) => requestBytes(server, 'PATCH', anyPod(index)[1], { body: note(index), contentType: 'application/merge-patch+json' }),
  }
}

/** @returns seconds of the list, without end when it came to none, and what the writes of that time took */
async function listWhileWriting(stand, { server, nextPage, write }) {
  let isOver = false
  const writing = writeSteadily(server, { perSecond: writesPerSecond, request: write, isOver: () => isOver })
  const seconds = await listSeconds(nextPage).catch((error) => {
    stand.note(`the list came to no end: ${error.message}`)
    return Number.POSITIVE_INFINITY
  })
  isOver = true
  const { millis } = await writing
  return { seconds, p99: percentile(millis, 0.99) }
}

async function listSeconds(nextPage) {
  const began = performance.now()
  let [next, read] = ['', 0]
  do {
    next = await nextPage(next)
    read++
    if (performance.now() - began > listMillisMax) throw new Error(`${read} of ${pages} pages after ${listMillisMax / 1000} s`)
  } while (next)
  return (performance.now() - began) / 1000
}
