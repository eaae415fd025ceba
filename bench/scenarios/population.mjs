// A cluster that is full already: nodes, running pods and Services, written as kubelets of others would write them, all controllers on.
// The nodes are not simulated, so that nobody else acts on their pods: a pod costs two writes, not eight.
import { requestBytes } from '../client/connection.mjs'
import { load } from '../client/load.mjs'
import { pause } from '../measuring/rounds.mjs'
import { pod } from '../objects.mjs'

const quietMillis = 3000
const giveUpMillis = 1_800_000
const batch = 10_000
const pageSize = 500

export const namespaceOf = (index) => `full-${index}`
export const podName = (index) => `pod-${index}`
export const podPath = (namespace, index) => `/api/v1/namespaces/${namespaceOf(namespace)}/pods/${podName(index)}`

/**
 * @param size nodes, namespaces, and in each namespace `pods` behind `services`, each pod behind one of them; the first `sidePods` are also
 *   behind one of `sideServices`
 * @returns how many endpoints there are
 */
export async function populate(stand, { server, api }, size) {
  const { nodes, namespaces, pods } = size
  const post = (path, object) => requestBytes(server, 'POST', path, { body: JSON.stringify(object) })
  const many = (what, count, request) => inBatches(stand, server, what, count, request)
  await many('nodes', nodes, (index) => post('/api/v1/nodes', nodeOf(index)))
  await many('statuses of nodes', nodes, (index) => statusOf(server, `/api/v1/nodes/${nodeName(index)}`, nodeStatus))
  await api.all(namespaces, (index) => makeNamespace(api, namespaceOf(index)))
  const place = (index) => [Math.floor(index / pods), index % pods]
  await many('pods', namespaces * pods, (index) => {
    const [namespace, number] = place(index)
    return post(`/api/v1/namespaces/${namespaceOf(namespace)}/pods`, podOf(number, nodeName(index % nodes), size))
  })
  await many('statuses of pods', namespaces * pods, (index) => statusOf(server, podPath(...place(index)), podStatus(index)))
  const selectors = selectorsOf(size)
  await many('Services', namespaces * selectors.length, (index) => {
    const [namespace, number] = [Math.floor(index / selectors.length), index % selectors.length]
    return post(`/api/v1/namespaces/${namespaceOf(namespace)}/services`, serviceOf(`service-${number}`, selectors[number]))
  })
  await quiet(stand, api)
  return countEndpoints(api)
}

export const serviceOf = (name, selector) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector, ports: [{ port: 80 }] } })

/** A pod becomes ready, or is no longer. */
export const readiness = (isReady) => ({ status: { conditions: conditions(isReady) } })

async function inBatches(stand, server, what, count, request) {
  for (let done = 0; done < count; done += batch) {
    await load(server, { request, first: done, count: Math.min(batch, count - done) })
    if (count > batch) stand.note(`${Math.min(done + batch, count)} of ${count} ${what}`)
  }
}

async function makeNamespace(api, name) {
  await api.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  const account = `/api/v1/namespaces/${name}/serviceaccounts/default`
  while (!(await api.get(account).catch(() => undefined))) await pause(20)
}

function statusOf(server, path, status) {
  return requestBytes(server, 'PATCH', `${path}/status`, { body: JSON.stringify({ status }), contentType: 'application/merge-patch+json' })
}

const nodeName = (index) => `machine-${index}`

const nodeOf = (index) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: nodeName(index), labels: { 'kubernetes.io/hostname': nodeName(index), 'topology.kubernetes.io/zone': `zone-${index % 3}` } },
})

const sizes = { cpu: '64', memory: '256Gi', pods: '110', 'ephemeral-storage': '500Gi' }
const since = { lastHeartbeatTime: '2026-01-01T00:00:00Z', lastTransitionTime: '2026-01-01T00:00:00Z' }
const nodeStatus = {
  capacity: sizes,
  allocatable: sizes,
  conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status', ...since }],
}

function podOf(number, nodeName, { services, sideServices = 0, sidePods = 0 }) {
  const side = number < sidePods ? { side: `side-${number % sideServices}` } : {}
  const labels = { ...pod.metadata.labels, group: `group-${number % services}`, ...side }
  return { ...pod, metadata: { ...pod.metadata, generateName: undefined, name: podName(number), labels }, spec: { ...pod.spec, nodeName } }
}

function selectorsOf({ services, sideServices = 0 }) {
  const made = (count, label) => Array.from({ length: count }, (_, index) => ({ [label]: `${label}-${index}` }))
  return [...made(services, 'group'), ...made(sideServices, 'side')]
}

const startedAt = '2026-01-01T00:00:00Z'
const conditions = (isReady) =>
  ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({
    type,
    status: isReady || !type.endsWith('Ready') ? 'True' : 'False',
    lastTransitionTime: startedAt,
  }))

function podStatus(index) {
  const podIP = `10.${64 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`
  const containerStatuses = pod.spec.containers.map(({ name, image }) => ({
    name,
    image,
    imageID: `${image}@sha256:${'0'.repeat(64)}`,
    containerID: `containerd://${String(index).padStart(64, '0')}`,
    ready: true,
    started: true,
    restartCount: 0,
    state: { running: { startedAt } },
  }))
  return { phase: 'Running', hostIP: '172.18.0.9', podIP, podIPs: [{ ip: podIP }], startTime: startedAt, conditions: conditions(true), containerStatuses }
}

/** Waits until nothing has been written for some seconds. */
export async function quiet(stand, api) {
  const began = performance.now()
  for (let before = -1; ; ) {
    const revision = await api.revision()
    if (revision === before) return
    if (performance.now() - began > giveUpMillis) throw new Error(`still writing after ${giveUpMillis / 1000} s`)
    if (before >= 0) stand.note(`${revision - before} rows in the last ${quietMillis / 1000} s`)
    before = revision
    await pause(quietMillis)
  }
}

/** Those that are ready, in all slices but the one of the API server itself. */
async function countEndpoints(api) {
  let [ready, next] = [0, '']
  do {
    const { items, metadata } = await api.get(`/apis/discovery.k8s.io/v1/endpointslices?limit=${pageSize}&continue=${next}`)
    const ours = items.filter((slice) => slice.metadata.namespace !== 'default')
    for (const { endpoints } of ours) ready += (endpoints ?? []).filter((endpoint) => endpoint.conditions.ready).length
    next = metadata.continue ?? ''
  } while (next)
  return ready
}
