// Very many pods behind one Service: how many rows of the log they cost.
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type KubeObject, type ResourceDefinition, systemUser } from '../../../src/machinery/index.js'
import { sow } from '../../../src/registry/index.js'
import { type EndpointSlice, pod } from '../../../src/resources/index.js'
import { openTestCluster, type TestCluster } from '../../support/cluster.js'
import { addressOf, podSketch } from '../sketches.js'

const podCount = 20_000
const slices = 'discovery.k8s.io/v1/endpointslices'
let cluster: TestCluster

/** Rows of the log about slices while something happens and the cluster settles. */
async function rowsOf(work: () => void): Promise<string[]> {
  const { store } = cluster.realm
  const rows: string[] = []
  const stop = store.watch(({ type, stored }) => {
    if (stored.resource === slices) rows.push(type)
  })
  work()
  await cluster.settled()
  stop()
  return rows
}

const nameOf = (number: number) => `pod-${String(number).padStart(5, '0')}`
const endpoints = () => cluster.list<EndpointSlice>(slices).flatMap((slice) => slice.endpoints ?? [])

/** Pods that run, as their kubelet has left them. */
function plant(pods: readonly [name: string, number: number][]): void {
  const { realm } = cluster
  const seeds = pods.map(([name, number]) => {
    const object = podSketch(name, { ips: [addressOf(number)] }) as KubeObject
    realm.fillDefaults(pod as ResourceDefinition, object, { now: realm.now(), user: systemUser })
    return { definition: pod, object, manager: '' }
  })
  realm.store.batch(() => sow(realm, seeds))
}

beforeAll(async () => {
  cluster = openTestCluster({ only: ['endpointslice-controller'] })
  cluster.create('v1/nodes', { metadata: { name: 'node-a' } })
  plant(Array.from({ length: podCount }, (_, number) => [nameOf(number), number]))
  await cluster.settled()
}, 60_000)

afterAll(() => cluster.close())

it('20,000 pods make 200 slices, one row each', async () => {
  const rows = await rowsOf(() => {
    cluster.create('v1/services', { metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } })
  })
  expect(rows).toEqual(Array(200).fill('ADDED'))
  expect(cluster.list<EndpointSlice>(slices).map((slice) => slice.endpoints?.length)).toEqual(Array(200).fill(100))
}, 60_000)

it.each<[what: string, work: () => void, rows: string[], endpoints: number]>([
  ['is no longer ready', () => setReady(12_345, 'False'), ['MODIFIED'], podCount],
  ['is ready again', () => setReady(12_345, 'True'), ['MODIFIED'], podCount],
  ['leaves', () => cluster.delete('v1/pods', nameOf(777), { gracePeriodSeconds: 0 }), ['MODIFIED'], podCount - 1],
  ['comes', () => join('late'), ['MODIFIED'], podCount],
  ['is one too many', () => join('later'), ['ADDED'], podCount + 1],
  ['gets an annotation', () => void cluster.patch('v1/pods', nameOf(5), { metadata: { annotations: { a: 'b' } } }), [], podCount + 1],
])(
  'a pod that %s costs a row at most',
  async (_what, work, rows, count) => {
    expect(await rowsOf(work)).toEqual(rows)
    expect(endpoints()).toHaveLength(count)
    expect(cluster.failures).toEqual([])
  },
  60_000,
)

function setReady(number: number, status: string): void {
  cluster.change('v1/pods', nameOf(number), (object) => Object.assign(object.status.conditions[0], { status }), { subresource: 'status' })
}

function join(name: string): void {
  plant([[name, podCount + name.length]])
}
