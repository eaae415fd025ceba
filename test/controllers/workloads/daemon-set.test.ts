// DaemonSets: which nodes get a pod, and how pods are replaced.
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Plain } from '../../../src/machinery/index.js'
import { openTestCluster, type TestCluster } from '../../support/cluster.js'
import { imagesOf, podsOf, template, workload } from './workload-sketches.js'

const daemonSets = 'apps/v1/daemonsets'
let cluster: TestCluster
beforeEach(async () => {
  cluster = openTestCluster({ nodes: 3 })
  await cluster.settled()
})
afterEach(() => {
  expect(cluster.failures).toEqual([])
  expect(cluster.replan()).toEqual([])
  cluster.close()
})

const agent = () => cluster.get(daemonSets, 'agent') as Plain
const places = () =>
  podsOf(cluster, 'agent')
    .map(({ spec }) => spec.nodeName)
    .sort()
const unready = { metadata: { annotations: { 'kubedouble.dev/ready': 'false' } }, spec: template('agent', 'nginx:2').spec }

async function create(spec: Plain = {}): Promise<void> {
  cluster.create(daemonSets, workload('agent', spec))
  await cluster.settled()
}

async function change(spec: Plain): Promise<void> {
  cluster.patch(daemonSets, 'agent', { spec })
  await cluster.settled()
}

it('every node has one, bound by affinity, tolerant of trouble', async () => {
  await create()
  expect(places()).toEqual(['node-0', 'node-1', 'node-2'])
  expect(agent().status).toEqual({
    currentNumberScheduled: 3,
    numberMisscheduled: 0,
    desiredNumberScheduled: 3,
    numberReady: 3,
    observedGeneration: 1,
    updatedNumberScheduled: 3,
    numberAvailable: 3,
  })
  const [{ metadata, spec }] = podsOf(cluster, 'agent')
  const [revision] = cluster.list('apps/v1/controllerrevisions')
  expect(metadata.labels).toMatchObject({ 'controller-revision-hash': revision.metadata.labels['controller-revision-hash'], 'pod-template-generation': '1' })
  expect(revision.metadata.name).toBe(`agent-${metadata.labels['controller-revision-hash']}`)
  const [term] = spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms
  expect(term).toEqual({ matchFields: [{ key: 'metadata.name', operator: 'In', values: [spec.nodeName] }] })
  expect(spec.tolerations.map(({ key, effect }: Plain) => `${key.split('/')[1]}:${effect}`)).toEqual([
    'not-ready:NoExecute',
    'unreachable:NoExecute',
    'disk-pressure:NoSchedule',
    'memory-pressure:NoSchedule',
    'pid-pressure:NoSchedule',
    'unschedulable:NoSchedule',
  ])
})

it.each([
  ['a label it asks for is missing', { nodeSelector: { disk: 'ssd' } }, (node: Plain) => Object.assign(node.metadata.labels, { disk: 'ssd' }), ['node-1'], 0],
  [
    'a taint keeps it away',
    {},
    (node: Plain) => Object.assign(node.spec, { taints: [{ key: 'gpu', effect: 'NoSchedule' }] }),
    ['node-0', 'node-1', 'node-2'],
    1,
  ],
  ['a taint drives it out', {}, (node: Plain) => Object.assign(node.spec, { taints: [{ key: 'gpu', effect: 'NoExecute' }] }), ['node-0', 'node-2'], 0],
  ['a node is cordoned', {}, (node: Plain) => Object.assign(node.spec, { unschedulable: true }), ['node-0', 'node-1', 'node-2'], 0],
])('a node counts by what it is now: %s', async (_name, wishes, edit, expected, misscheduled) => {
  await create({ template: template('agent', 'nginx:1', wishes) })
  cluster.change('v1/nodes', 'node-1', edit)
  await cluster.settled()
  expect(places()).toEqual(expected)
  expect(agent().status.numberMisscheduled).toBe(misscheduled)
})

it('a new node gets a pod, a lost one is forgotten', async () => {
  await create()
  cluster.delete('v1/nodes', 'node-2')
  await cluster.advance(60_000)
  expect(places()).toEqual(['node-0', 'node-1'])
  expect(agent().status.desiredNumberScheduled).toBe(2)
})

it('an update goes node by node and waits for each pod', async () => {
  await create()
  await change({ template: unready })
  expect(imagesOf(cluster, 'agent').sort()).toEqual(['nginx:1', 'nginx:1', 'nginx:2'])
  await change({ template: { metadata: { annotations: null }, spec: { containers: [{ name: 'main', image: 'nginx:3' }] } } })
  expect(imagesOf(cluster, 'agent')).toEqual(Array(3).fill('nginx:3'))
  expect(cluster.list('apps/v1/controllerrevisions')).toHaveLength(3)
})

it('a surge starts the new pod beside the old one', async () => {
  await create({ updateStrategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } })
  await change({ template: unready })
  expect(imagesOf(cluster, 'agent').sort()).toEqual(['nginx:1', 'nginx:1', 'nginx:1', 'nginx:2'])
  await change({ template: { metadata: { annotations: null }, spec: { containers: [{ name: 'main', image: 'nginx:3' }] } } })
  expect(imagesOf(cluster, 'agent')).toEqual(Array(3).fill('nginx:3'))
})

it('OnDelete updates what is deleted, and nothing else', async () => {
  await create({ updateStrategy: { type: 'OnDelete' } })
  await change({ template: template('agent', 'nginx:2') })
  expect(agent().status.updatedNumberScheduled).toBeUndefined()
  cluster.delete('v1/pods', podsOf(cluster, 'agent')[0].metadata.name)
  await cluster.settled()
  expect(imagesOf(cluster, 'agent').sort()).toEqual(['nginx:1', 'nginx:1', 'nginx:2'])
})
