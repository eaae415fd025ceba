// Large clusters: how long until everything runs and stands in its slices, and how many rows of the log that took.
import { requestBytes } from '../client/connection.mjs'
import { load } from '../client/load.mjs'
import { row } from '../measuring/rows.mjs'
import { settled } from './settled.mjs'

/** 10,000 pods created by a client, behind 100 Services. */
const scalePods = {
  name: 'scale-pods',
  text: '10,000 pods with all controllers, behind 100 Services, until all are Running and in their slices',
  isLong: true,
  async run(stand) {
    const pods = 10_000
    const { ours } = await stand.contenders({ options: ['--nodes', '100'], withOther: false })
    const limit = await stand.processes.limit('http')
    const taken = await grow(stand, ours, { pods, services: 100 })
    const echoed = await load(limit, { count: pods, request: (index) => requestBytes(limit, 'POST', '/echo', { body: JSON.stringify(podOf(index, 0)) }) })
    const all = '10,000 pods with all controllers'
    return [
      row({ what: `${all}: to Running and in a slice`, unit: '/s', ours: [pods / taken.settled], limit: [echoed.rate], must: { figure: { atLeast: 500 } } }),
      row({ what: `${all}: all created after`, unit: 's', ours: [taken.created], limit: [echoed.seconds] }),
      row({ what: `${all}: all Running and in their slices after`, unit: 's', ours: [taken.settled], must: { figure: { atMost: 20 } } }),
      row({ what: `${all}: rows of the log for each`, ours: [taken.rows / pods] }),
    ]
  },
}

/** As many nodes as upstream promises to bear, 1,000 Services and 30,000 pods. */
const scaleCluster = {
  name: 'scale-cluster',
  text: '5,000 nodes, 1,000 Services and 30,000 pods until all is settled',
  isLong: true,
  async run(stand) {
    const began = performance.now()
    const { ours } = await stand.contenders({ options: ['--nodes', '5000'], withOther: false })
    const ready = ours.server.readyMillis / 1000
    const taken = await grow(stand, ours, { pods: 30_000, services: 1000 })
    const all = '5,000 nodes, 1,000 Services, 30,000 pods'
    return [
      row({ what: '5,000 nodes: ready after', unit: 's', ours: [ready] }),
      row({ what: `${all}: all created after`, unit: 's', ours: [taken.created] }),
      row({ what: `${all}: settled after, the start included`, unit: 's', ours: [(performance.now() - began) / 1000] }),
      row({ what: `${all}: rows of the log`, ours: [taken.rows] }),
    ]
  },
}

export const scales = [scalePods, scaleCluster]

/** @returns seconds until all were created and until all were settled, and how many rows that took */
async function grow(stand, { api, namespace }, { pods, services }) {
  await api.all(services, (index) => api.create(`/api/v1/namespaces/${namespace}/services`, serviceOf(index)))
  const before = await api.revision()
  const began = performance.now()
  await api.all(pods, (index) => api.create(`/api/v1/namespaces/${namespace}/pods`, podOf(index, index % services)))
  const created = (performance.now() - began) / 1000
  stand.note(`created after ${created.toFixed(1)} s`)
  await settled({ api, namespace, note: (text) => stand.note(text) }, { pods, endpoints: pods })
  const took = (performance.now() - began) / 1000
  return { created, settled: took, rows: (await api.revision()) - before }
}

function serviceOf(index) {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `service-${index}` },
    spec: { selector: { service: `service-${index}` }, ports: [{ port: 80 }] },
  }
}

function podOf(index, service) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `pod-${index}`, labels: { service: `service-${service}` } },
    spec: { containers: [{ name: 'main', image: 'registry.example.com/team/service:1.2.3', ports: [{ containerPort: 80 }] }] },
  }
}
