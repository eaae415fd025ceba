// Changes of a 3 KB Deployment, each of which changes something. The controller that would answer them is off: what it does is not what is asked for.
import { requestBytes } from '../client/connection.mjs'
import { deployment } from '../objects.mjs'
import { rateRow, rates } from './rates.mjs'

const objects = 200
const nameOf = (index) => `deployment-${index % objects}`
const digits = (index) => String(index).padStart(8, '0')

const ways = {
  apply: {
    what: 'server-side apply',
    method: 'PATCH',
    query: '?fieldManager=bench&force=true',
    contentType: 'application/apply-patch+yaml',
    body: (index) => deployment(nameOf(index), digits(index)),
  },
  'strategic-patch': {
    what: 'strategic merge patch',
    method: 'PATCH',
    query: '',
    contentType: 'application/strategic-merge-patch+json',
    body: (index) => ({ spec: { template: { spec: { containers: [{ name: 'main', image: `registry.example.com/team/main:${digits(index)}` }] } } } }),
  },
  'status-update': {
    what: 'status update',
    method: 'PUT',
    query: '',
    subresource: '/status',
    body: (index) => ({ ...deployment(nameOf(index)), status: statusOf(index) }),
  },
}

export const changes = Object.entries(ways).map(([name, way]) => ({
  name,
  text: `${way.what} of 200 Deployments of 3 KB in turn, beside a server that parses the body and prints the answer`,
  async run(stand) {
    const contenders = await stand.contenders({ options: ['--controllers', '*,-deployment-controller'], prepare: fill })
    const limit = await bareServerOf(stand, contenders.ours, way)
    const taken = await rates(stand, {
      ours: lane(contenders.ours, way),
      limit: { server: limit, request: (index) => requestBytes(limit, 'POST', '/answer', { body: JSON.stringify(way.body(index)) }) },
      against: lane(contenders.other, way),
    })
    return [rateRow({ what: `${way.what} of a 3 KB Deployment (its controller off)`, ...taken, must: { figure: { atLeast: 2500 } } })]
  },
}))

async function fill({ api, namespace }) {
  await api.all(objects, (index) => api.create(`/apis/apps/v1/namespaces/${namespace}/deployments`, deployment(nameOf(index))))
}

const pathOf = (namespace, index, { query, subresource = '' }) => `/apis/apps/v1/namespaces/${namespace}/deployments/${nameOf(index)}${subresource}${query}`

function lane(contender, way) {
  if (!contender) return undefined
  const { server, namespace } = contender
  const { method, contentType } = way
  return { server, request: (index) => requestBytes(server, method, pathOf(namespace, index, way), { body: JSON.stringify(way.body(index)), contentType }) }
}

/** It answers with what our server has answered. */
async function bareServerOf(stand, { api, namespace }, way) {
  const { body } = await api.ask(way.method, pathOf(namespace, 0, way), way.body(objects * 1000), way.contentType)
  const limit = await stand.processes.limit('http')
  await stand.api(limit).create('/prepare', { text: body.toString(), isObject: true })
  return limit
}

function statusOf(index) {
  const condition = { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: `Seen for the ${digits(index)}th time.` }
  return {
    observedGeneration: 1,
    replicas: 3,
    updatedReplicas: 3,
    readyReplicas: 3,
    availableReplicas: 3,
    conditions: [{ ...condition, lastUpdateTime: '2026-01-01T00:00:00Z', lastTransitionTime: '2026-01-01T00:00:00Z' }],
  }
}
