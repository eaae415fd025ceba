// StatefulSets: order, names that last, claims, revisions.
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Plain } from '../../../src/machinery/index.js'
import { openTestCluster, type TestCluster } from '../../support/cluster.js'
import { imagesOf, messagesAbout, podsOf, template, workload } from './workload-sketches.js'

const statefulSets = 'apps/v1/statefulsets'
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

const db = () => cluster.get(statefulSets, 'db') as Plain
const names = () => podsOf(cluster, 'db').map(({ metadata }) => metadata.name)
const claims = () => cluster.list('v1/persistentvolumeclaims').map(({ metadata }) => metadata.name)
const volumeClaimTemplates = [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }]
const unready = { metadata: { labels: { app: 'db' }, annotations: { 'kubedouble.dev/ready': 'false' } }, spec: template('db', 'nginx:unready').spec }

async function create(spec: Plain = {}): Promise<void> {
  cluster.create(statefulSets, workload('db', { replicas: 3, serviceName: 'db', ...spec }))
  await cluster.settled()
}

async function change(spec: Plain): Promise<void> {
  cluster.patch(statefulSets, 'db', { spec })
  await cluster.settled()
}

it('pods have an ordinal, a host name, a revision and a claim of their own', async () => {
  await create({ volumeClaimTemplates })
  const revision = db().status.currentRevision
  const second = cluster.get('v1/pods', 'db-1') as Plain
  expect(second.metadata.labels).toMatchObject({
    app: 'db',
    'apps.kubernetes.io/pod-index': '1',
    'controller-revision-hash': revision,
    'statefulset.kubernetes.io/pod-name': 'db-1',
  })
  expect(second.spec).toMatchObject({ hostname: 'db-1', subdomain: 'db' })
  expect(second.spec.volumes).toContainEqual({ name: 'data', persistentVolumeClaim: { claimName: 'data-db-1' } })
  expect(claims()).toEqual(['data-db-0', 'data-db-1', 'data-db-2'])
  expect(db().status).toEqual({
    observedGeneration: 1,
    replicas: 3,
    readyReplicas: 3,
    currentReplicas: 3,
    updatedReplicas: 3,
    currentRevision: revision,
    updateRevision: revision,
    collisionCount: 0,
    availableReplicas: 3,
  })
  expect(cluster.get('apps/v1/controllerrevisions', revision)?.data.spec.template).toMatchObject({ $patch: 'replace', metadata: { labels: { app: 'db' } } })
  expect(messagesAbout(cluster, 'db').slice(0, 2)).toEqual([
    'create Claim data-db-0 Pod db-0 in StatefulSet db success',
    'create Pod db-0 in StatefulSet db successful',
  ])
})

it.each([
  ['OrderedReady', ['db-0']],
  ['Parallel', ['db-0', 'db-1', 'db-2']],
])('%s: pods that are not ready hold up those that come after them, or not', async (podManagementPolicy, expected) => {
  await create({ podManagementPolicy, template: unready })
  expect(names()).toEqual(expected)
})

it('ordinals may begin elsewhere', async () => {
  await create({ ordinals: { start: 5 }, replicas: 2 })
  expect(names()).toEqual(['db-5', 'db-6'])
})

it('the highest ordinals go first, and come back under the same names', async () => {
  await create({ volumeClaimTemplates })
  await change({ replicas: 1 })
  expect(names()).toEqual(['db-0'])
  expect(claims()).toHaveLength(3)
  expect(messagesAbout(cluster, 'db').slice(-2)).toEqual(['delete Pod db-2 in StatefulSet db successful', 'delete Pod db-1 in StatefulSet db successful'])
  cluster.delete('v1/pods', 'db-0')
  await cluster.settled()
  expect(names()).toEqual(['db-0'])
})

it('claims go with the pods that are scaled away when the set says so, and with the set', async () => {
  await create({ volumeClaimTemplates, persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete', whenDeleted: 'Delete' } })
  await change({ replicas: 1 })
  expect(claims()).toEqual(['data-db-0'])
  cluster.delete(statefulSets, 'db', { propagationPolicy: 'Background' })
  await cluster.settled()
  expect([...claims(), ...names()]).toEqual([])
})

it('an update goes from the highest ordinal down to the partition, and further when the partition moves', async () => {
  await create()
  const before = db().status.currentRevision
  await change({ template: template('db', 'nginx:2'), updateStrategy: { rollingUpdate: { partition: 1 } } })
  expect(imagesOf(cluster, 'db')).toEqual(['nginx:1', 'nginx:2', 'nginx:2'])
  expect(db().status).toMatchObject({ currentRevision: before, currentReplicas: 1, updatedReplicas: 2 })
  cluster.delete('v1/pods', 'db-0')
  await cluster.settled()
  expect(imagesOf(cluster, 'db')[0]).toBe('nginx:1')
  await change({ updateStrategy: { rollingUpdate: { partition: 0 } } })
  expect(imagesOf(cluster, 'db')).toEqual(Array(3).fill('nginx:2'))
  expect(db().status.currentRevision).toBe(db().status.updateRevision)
  expect(db().status.currentRevision).not.toBe(before)
})

it('an update waits for each pod to be ready', async () => {
  await create()
  await change({ template: unready })
  expect(imagesOf(cluster, 'db')).toEqual(['nginx:1', 'nginx:1', 'nginx:unready'])
})

it('OnDelete updates what is deleted, and nothing else', async () => {
  await create({ updateStrategy: { type: 'OnDelete' } })
  await change({ template: template('db', 'nginx:2') })
  expect(imagesOf(cluster, 'db')).toEqual(Array(3).fill('nginx:1'))
  cluster.delete('v1/pods', 'db-1')
  await cluster.settled()
  expect(imagesOf(cluster, 'db')).toEqual(['nginx:1', 'nginx:2', 'nginx:1'])
})

it('an old template is an old revision under a new number, and no more than asked for are kept', async () => {
  await create({ revisionHistoryLimit: 1 })
  const [{ metadata }] = cluster.list('apps/v1/controllerrevisions')
  await change({ template: template('db', 'nginx:2') })
  await change({ template: template('db', 'nginx:1') })
  expect(cluster.get('apps/v1/controllerrevisions', metadata.name)?.revision).toBe(3)
  await change({ template: template('db', 'nginx:3') })
  expect(
    cluster
      .list('apps/v1/controllerrevisions')
      .map(({ revision }) => revision)
      .sort(),
  ).toEqual([3, 4])
})

it('a pod that has ended is made anew', async () => {
  await create({ replicas: 1 })
  const { uid } = (cluster.get('v1/pods', 'db-0') as Plain).metadata
  cluster.change('v1/pods', 'db-0', (object) => Object.assign(object.status, { phase: 'Failed', reason: 'Evicted' }), { subresource: 'status' })
  await cluster.settled()
  expect(cluster.get('v1/pods', 'db-0')?.metadata.uid).not.toBe(uid)
  expect(messagesAbout(cluster, 'db')).toContain('StatefulSet default/db is recreating failed Pod db-0')
})
