// Replica sets and replication controllers: how many pods there are, whose they are, which go first.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { deletionOrder } from '../../../src/controllers/workloads/pod-ranking.js'
import type { Plain } from '../../../src/machinery/index.js'
import type { Pod } from '../../../src/resources/index.js'
import { openTestCluster, type TestCluster } from '../../support/cluster.js'
import { conditionOf, messagesAbout, podsOf, template, workload } from './workload-sketches.js'

let cluster: TestCluster
beforeEach(async () => {
  cluster = openTestCluster({ nodes: 2 })
  await cluster.settled()
})
afterEach(() => {
  expect(cluster.failures).toEqual([])
  expect(cluster.replan()).toEqual([])
  cluster.close()
})

describe.each([
  ['apps/v1/replicasets', workload('web', { replicas: 3 })],
  ['v1/replicationcontrollers', { metadata: { name: 'web' }, spec: { replicas: 3, selector: { app: 'web' }, template: template('web') } }],
])('%s', (resource, sketch) => {
  it('keep their number of pods and count them', async () => {
    cluster.create(resource, sketch)
    await cluster.settled()
    expect(podsOf(cluster, 'web')).toHaveLength(3)
    expect(podsOf(cluster, 'web').every(({ metadata }) => /^web-[a-z0-9]{5}$/.test(metadata.name))).toBe(true)
    const counts = { replicas: 3, fullyLabeledReplicas: 3, readyReplicas: 3, availableReplicas: 3, observedGeneration: 1 }
    expect(cluster.get(resource, 'web')?.status).toEqual({ ...counts, ...(resource.startsWith('apps') ? { terminatingReplicas: 0 } : {}) })
    const [first] = podsOf(cluster, 'web')
    cluster.delete('v1/pods', first.metadata.name)
    await cluster.settled()
    expect(podsOf(cluster, 'web').map(({ metadata }) => metadata.name)).not.toContain(first.metadata.name)
    expect(podsOf(cluster, 'web')).toHaveLength(3)
    cluster.patch(resource, 'web', { spec: { replicas: 1 } })
    await cluster.settled()
    expect(podsOf(cluster, 'web')).toHaveLength(1)
    expect(messagesAbout(cluster, 'web').filter((text) => text.startsWith('Created pod: web-'))).toHaveLength(4)
    expect(messagesAbout(cluster, 'web').filter((text) => text.startsWith('Deleted pod: web-'))).toHaveLength(2)
  })

  it('take on strays and let go of what they no longer select', async () => {
    cluster.create('v1/pods', { metadata: { name: 'stray', labels: { app: 'web' } }, spec: { containers: [{ name: 'main', image: 'nginx:1' }] } })
    cluster.create(resource, sketch)
    await cluster.settled()
    expect(podsOf(cluster, 'web')).toHaveLength(3)
    expect(cluster.get('v1/pods', 'stray')?.metadata.ownerReferences).toMatchObject([{ name: 'web', controller: true, blockOwnerDeletion: true }])
    cluster.patch('v1/pods', 'stray', { metadata: { labels: { app: 'other' } } })
    await cluster.settled()
    expect(cluster.get('v1/pods', 'stray')?.metadata.ownerReferences).toBeUndefined()
    expect(podsOf(cluster, 'web')).toHaveLength(3)
  })
})

it('a pod counts as available when it was ready for long enough', async () => {
  cluster.create('apps/v1/replicasets', workload('web', { replicas: 1, minReadySeconds: 30 }))
  await cluster.settled()
  expect(cluster.get('apps/v1/replicasets', 'web')?.status).toMatchObject({ readyReplicas: 1 })
  expect(cluster.get('apps/v1/replicasets', 'web')?.status.availableReplicas).toBeUndefined()
  await cluster.advance(31_000)
  expect(cluster.get('apps/v1/replicasets', 'web')?.status.availableReplicas).toBe(1)
})

it('what is refused is told, and tried again later', async () => {
  cluster.create('v1/resourcequotas', { metadata: { name: 'few' }, spec: { hard: { pods: '1' } } })
  await cluster.settled()
  cluster.create('apps/v1/replicasets', workload('web', { replicas: 2 }))
  await cluster.advance(100)
  expect(podsOf(cluster, 'web')).toHaveLength(1)
  expect(conditionOf(cluster.get('apps/v1/replicasets', 'web'), 'ReplicaFailure')).toBe('True FailedCreate')
  expect(messagesAbout(cluster, 'web').some((text) => /^Error creating: pods "web-.*" is forbidden: exceeded quota: few/.test(text))).toBe(true)
  expect(cluster.failures.length).toBeGreaterThan(0)
  cluster.patch('v1/resourcequotas', 'few', { spec: { hard: { pods: '5' } } })
  await cluster.advance(60_000)
  expect(podsOf(cluster, 'web')).toHaveLength(2)
  expect(cluster.get('apps/v1/replicasets', 'web')?.status.conditions).toBeUndefined()
  cluster.failures.length = 0
})

describe('the pods that go first', () => {
  const now = Date.parse('2026-01-02T03:04:05Z')
  const podSketch = (
    name: string,
    { node = 'a', phase = 'Running', ready = '2026-01-02T00:00:00Z', cost, restarts = 0, born = '2026-01-01T00:00:00Z' }: Plain = {},
  ) =>
    ({
      metadata: {
        name,
        uid: name,
        creationTimestamp: born,
        ...(cost === undefined ? {} : { annotations: { 'controller.kubernetes.io/pod-deletion-cost': cost } }),
      },
      spec: { ...(node ? { nodeName: node } : {}) },
      status: {
        phase,
        conditions: ready ? [{ type: 'Ready', status: 'True', lastTransitionTime: ready }] : [],
        containerStatuses: [{ restartCount: restarts }],
      },
    }) as unknown as Pod

  it.each([
    ['without a node before bound', podSketch('first', { node: '', phase: 'Pending', ready: '' }), podSketch('last', { phase: 'Pending', ready: '' })],
    ['pending before running', podSketch('first', { phase: 'Pending', ready: '' }), podSketch('last', { ready: '' })],
    ['unready before ready', podSketch('first', { ready: '' }), podSketch('last')],
    ['cheap before dear', podSketch('first', { cost: '-5' }), podSketch('last')],
    ['lately ready before long ready', podSketch('first', { ready: '2026-01-02T03:04:00Z' }), podSketch('last')],
    ['restarted before steady', podSketch('first', { restarts: 3 }), podSketch('last')],
    ['young before old', podSketch('first', { born: '2026-01-02T03:00:00Z' }), podSketch('last')],
  ])('%s', (_name, first, last) => {
    for (const pods of [
      [first, last],
      [last, first],
    ])
      expect(deletionOrder(pods, { relatives: [], now }).map(({ metadata }) => metadata.name)).toEqual(['first', 'last'])
  })

  it('crowded before alone', () => {
    const pods = [podSketch('last', { node: 'b' }), podSketch('first')]
    expect(deletionOrder(pods, { relatives: [...pods, podSketch('sibling')], now })[0].metadata.name).toBe('first')
  })
})
