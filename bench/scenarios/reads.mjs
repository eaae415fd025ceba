// Reads, beside bare node:http that sends the very same bytes with the same headers.
import { requestBytes } from '../client/connection.mjs'
import { configMap, pod } from '../objects.mjs'
import { rateRow, rates } from './rates.mjs'

const listed = 2000
const oneIn = 20
// A list is megabytes: more at once would measure queues.
const listConnections = 4
// Node writes these itself.
const ownHeaders = new Set(['date', 'connection', 'keep-alive', 'transfer-encoding', 'content-length'])

export const get = {
  name: 'get',
  text: 'gets of a 1.4 KB ConfigMap, beside the same bytes from bare node:http',
  async run(stand) {
    const contenders = await stand.contenders({
      prepare: ({ api, namespace }) =>
        api.create(`/api/v1/namespaces/${namespace}/configmaps`, { ...configMap, metadata: { ...configMap.metadata, name: 'bench' } }),
    })
    const taken = await reads(stand, contenders, '/configmaps/bench')
    return [rateRow({ what: 'get of 1.4 KB', ...taken, must: { ratio: { atLeast: 0.6 }, against: { atLeast: 15 } } })]
  },
}

export const list = {
  name: 'list',
  text: 'lists of 2,000 pods, whole and by a label that 5 % have, beside the same bytes from bare node:http',
  async run(stand) {
    const contenders = await stand.contenders({ options: ['--controllers', '*,-kube-scheduler'], prepare: fill })
    const whole = await reads(stand, contenders, '/pods', listConnections)
    const selected = await reads(stand, contenders, '/pods?labelSelector=share%3Dsmall', listConnections)
    return [
      rateRow({ what: 'list of 2,000 pods of 1.4 KB', ...whole, must: { ratio: { atLeast: 0.7 } } }),
      rateRow({ what: 'list of 2,000 pods by a label that 5 % have', ...selected, must: { against: { atLeast: 10 } } }),
    ]
  },
}

async function fill({ api, namespace }) {
  const withLabel = (share) => ({ ...pod, metadata: { ...pod.metadata, labels: { ...pod.metadata.labels, share } } })
  const objects = [withLabel('small'), withLabel('large')]
  await api.all(listed, (index) => api.create(`/api/v1/namespaces/${namespace}/pods`, objects[index % oneIn === 0 ? 0 : 1]))
}

/** @param path below the namespace */
async function reads(stand, { ours, other }, path, connections) {
  const limit = await bareServerOf(stand, ours, path)
  const lane = (contender) => contender && { server: contender.server, request: always(requestBytes(contender.server, 'GET', `${base(contender)}${path}`)) }
  const bare = { server: limit, request: always(requestBytes(limit, 'GET', '/bytes')) }
  return rates(stand, { ours: lane(ours), limit: bare, against: lane(other) }, { connections })
}

const base = ({ namespace }) => `/api/v1/namespaces/${namespace}`
const always = (bytes) => () => bytes

async function bareServerOf(stand, ours, path) {
  const { head, body } = await ours.api.ask('GET', `${base(ours)}${path}`)
  const lines = head.split('\r\n').slice(1)
  const headers = Object.fromEntries(lines.map((line) => line.split(/: (.*)/s, 2)).filter(([name]) => !ownHeaders.has(name.toLowerCase())))
  const limit = await stand.processes.limit('http')
  await stand.api(limit).create('/prepare', { headers, text: body.toString() })
  return limit
}
