// Large clusters: how long until everything runs and stands in its slices, and how many rows of the log that took.
import { Agent, request as httpRequest } from 'node:http'

const inFlightMax = 32
// Each look goes over all pods: more of them would measure themselves.
const pollMillis = 1000
// A busy machine takes long; one that writes nothing more will not settle.
const stallMillisMax = 60_000
const giveUpMillis = 1_800_000

export const scales = {
  'scale-pods': scalePods,
  'scale-cluster': scaleCluster,
  'one-pod-of-20000': onePodOf20000,
}

/** 10,000 pods created by a client, behind 100 Services. */
async function scalePods(serve) {
  const pods = 10_000
  const server = await serve(['--nodes', '100'])
  const client = new Client(server.http)
  await client.all(100, (index) => client.create('services', serviceOf(index)))
  const before = await client.revision()
  const began = performance.now()
  await client.all(pods, (index) => client.create('pods', podOf(index, index % 100)))
  const created = performance.now() - began
  await client.settled(pods, pods)
  const settled = performance.now() - began
  const rows = (await client.revision()) - before
  await client.end(server)
  return [
    { what: '10,000 pods: all created after', figure: created / 1000, unit: 's' },
    { what: '10,000 pods: all Running and in their slices after', figure: settled / 1000, unit: 's' },
    { what: '10,000 pods: rows of the log for each', figure: rows / pods, unit: '' },
  ]
}

/** As many nodes as upstream promises to bear, 1,000 Services and 30,000 pods. */
async function scaleCluster(serve) {
  const [nodes, services, pods] = [5000, 1000, 30_000]
  const began = performance.now()
  const server = await serve(['--nodes', String(nodes)])
  const ready = performance.now() - began
  const client = new Client(server.http)
  await client.all(services, (index) => client.create('services', serviceOf(index)))
  await client.all(pods, (index) => client.create('pods', podOf(index, index % services)))
  const created = performance.now() - began
  await client.settled(pods, pods)
  const settled = performance.now() - began
  const rows = await client.revision()
  await client.end(server)
  return [
    { what: '5,000 nodes: ready after', figure: ready / 1000, unit: 's' },
    { what: '5,000 nodes, 1,000 Services, 30,000 pods: all created after', figure: created / 1000, unit: 's' },
    { what: '5,000 nodes, 1,000 Services, 30,000 pods: settled after', figure: settled / 1000, unit: 's' },
    { what: 'the same: rows of the log', figure: rows, unit: '' },
  ]
}

/** 20,000 endpoints behind one Service; then one pod is no longer ready. */
async function onePodOf20000(serve) {
  const pods = 20_000
  const server = await serve(['--nodes', '200', '--controllers', '*,-endpoints-controller'])
  const client = new Client(server.http)
  const began = performance.now()
  await client.all(pods, (index) => client.create('pods', podOf(index, 0)))
  await client.settled(pods, 0)
  await client.create('services', serviceOf(0))
  await client.settled(pods, pods)
  const settled = performance.now() - began
  const slices = await client.slices()
  const resourceVersion = await client.revision()
  const changedAt = performance.now()
  const writes = client.countWatchEvents(
    `/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?watch=1&resourceVersion=${resourceVersion}&timeoutSeconds=3`,
  )
  const annotations = { 'kubedouble.dev/ready': 'false' }
  await client.send('PATCH', `${pathOf('pods')}/pod-7`, { metadata: { annotations } }, 'application/merge-patch+json')
  const { events, first } = await writes
  await client.end(server)
  return [
    { what: '20,000 endpoints of one Service: settled after', figure: settled / 1000, unit: 's' },
    { what: '20,000 endpoints of one Service: slices', figure: slices.length, unit: '' },
    { what: 'one pod of them changes: slices written', figure: events, unit: '' },
    { what: 'one pod of them changes: ms until its slice is told', figure: first - changedAt, unit: 'ms' },
  ]
}

const pathOf = (resource) => `/api/v1/namespaces/default/${resource}`

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

class Client {
  #agent = new Agent({ keepAlive: true, maxSockets: inFlightMax })
  #http

  constructor(http) {
    this.#http = http
  }

  create(resource, object) {
    return this.send('POST', pathOf(resource), object)
  }

  /** Does something for each index, a few at a time. */
  async all(count, work) {
    let next = 0
    const worker = async () => {
      while (next < count) await work(next++)
    }
    await Promise.all(Array.from({ length: inFlightMax }, worker))
  }

  async revision() {
    return Number((await this.send('GET', '/api/v1/namespaces?limit=1')).metadata.resourceVersion)
  }

  async slices() {
    return (await this.send('GET', '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices')).items.filter(
      ({ metadata }) => metadata.name !== 'kubernetes',
    )
  }

  /** Waits until so many pods run and so many endpoints are ready. */
  async settled(pods, endpoints) {
    const began = performance.now()
    let [revision, movedAt] = [0, began]
    for (;;) {
      if ((await this.#running()) === pods && (await this.#ready(endpoints)) === endpoints) return
      const [now, next] = [performance.now(), await this.revision()]
      if (next !== revision) [revision, movedAt] = [next, now]
      if (now - movedAt > stallMillisMax) throw new Error(`nothing was written for ${stallMillisMax / 1000} s, and it is not settled`)
      if (now - began > giveUpMillis) throw new Error(`not settled after ${giveUpMillis / 1000} s`)
      await new Promise((resolve) => setTimeout(resolve, pollMillis))
    }
  }

  async #running() {
    const { items, metadata } = await this.send('GET', `${pathOf('pods')}?fieldSelector=status.phase!%3DRunning&limit=1`)
    if (items.length) return -1
    const all = await this.send('GET', `${pathOf('pods')}?limit=1`)
    return all.items.length + (all.metadata.remainingItemCount ?? 0) + (metadata.continue ? -1 : 0)
  }

  async #ready(wanted) {
    if (!wanted) return 0
    let ready = 0
    for (const { endpoints } of await this.slices()) for (const { conditions } of endpoints ?? []) if (conditions.ready) ready++
    return ready
  }

  /** Reads a watch to its end. */
  countWatchEvents(path) {
    return new Promise((resolve, reject) => {
      let [events, first] = [0, 0]
      const request = httpRequest(this.#http + path, { agent: false }, (response) => {
        response.on('data', (chunk) => {
          first ||= performance.now()
          for (const byte of chunk) if (byte === 10) events++
        })
        response.on('end', () => resolve({ events, first }))
      })
      request.once('error', reject)
      request.end()
    })
  }

  send(method, path, object, contentType = 'application/json') {
    const body = object && JSON.stringify(object)
    const headers = body ? { 'content-type': contentType, 'content-length': Buffer.byteLength(body) } : {}
    return new Promise((resolve, reject) => {
      const request = httpRequest(this.#http + path, { method, agent: this.#agent, headers }, (response) => {
        const chunks = []
        response.on('data', (chunk) => chunks.push(chunk))
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          if (response.statusCode < 300) resolve(JSON.parse(text))
          else reject(new Error(text))
        })
      })
      request.once('error', reject)
      request.end(body)
    })
  }

  end(server) {
    this.#agent.destroy()
    return server.end()
  }
}
