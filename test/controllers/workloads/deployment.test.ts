// Deployments: rollouts, the way back, and what they say of themselves.
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Plain } from '../../../src/machinery/index.js'
import { openTestCluster, type TestCluster } from '../../support/cluster.js'
import { conditionOf, imagesOf, messagesAbout, podsOf, template, workload } from './workload-sketches.js'

const deployments = 'apps/v1/deployments'
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

const web = () => cluster.get(deployments, 'web') as Plain
/** Revision and size of each replica set, the oldest revision first. */
const sizes = () =>
  cluster
    .list('apps/v1/replicasets')
    .map(({ metadata, spec }) => [Number(metadata.annotations['deployment.kubernetes.io/revision']), spec.replicas])
    .sort(([one], [other]) => one - other)
const broken = { metadata: { labels: { app: 'web' }, annotations: { 'kubedouble.dev/ready': 'false' } }, spec: template('web', 'nginx:broken').spec }

async function create(spec: Plain = {}): Promise<void> {
  cluster.create(deployments, workload('web', { replicas: 4, ...spec }))
  await cluster.settled()
}

async function change(spec: Plain): Promise<void> {
  cluster.patch(deployments, 'web', { spec })
  await cluster.settled()
}

it('a Deployment makes a replica set named for its template, and says when it is complete', async () => {
  await create()
  const [replicaSet] = cluster.list('apps/v1/replicasets')
  const hash = replicaSet.metadata.labels['pod-template-hash']
  expect(replicaSet.metadata.name).toBe(`web-${hash}`)
  expect(replicaSet.spec.selector.matchLabels).toEqual({ app: 'web', 'pod-template-hash': hash })
  expect(replicaSet.metadata.annotations).toEqual({
    'deployment.kubernetes.io/desired-replicas': '4',
    'deployment.kubernetes.io/max-replicas': '5',
    'deployment.kubernetes.io/revision': '1',
  })
  expect(web().metadata.annotations).toEqual({ 'deployment.kubernetes.io/revision': '1' })
  expect(web().status).toMatchObject({ observedGeneration: 1, replicas: 4, updatedReplicas: 4, readyReplicas: 4, availableReplicas: 4, terminatingReplicas: 0 })
  expect(web().status.unavailableReplicas).toBeUndefined()
  expect(conditionOf(web(), 'Available')).toBe('True MinimumReplicasAvailable')
  expect(conditionOf(web(), 'Progressing')).toBe('True NewReplicaSetAvailable')
  expect(messagesAbout(cluster, 'web')).toEqual([`Scaled up replica set web-${hash} from 0 to 4`])
})

it('a new template rolls out without losing more pods than allowed', async () => {
  await create()
  await change({ template: broken })
  // One more than wanted, one less available: the broken ones hold the rollout.
  expect(sizes()).toEqual([
    [1, 3],
    [2, 2],
  ])
  expect(web().status).toMatchObject({ replicas: 5, updatedReplicas: 2, availableReplicas: 3, unavailableReplicas: 2 })
  expect(conditionOf(web(), 'Progressing')).toBe('True ReplicaSetUpdated')
  await change({ template: { ...template('web', 'nginx:2'), metadata: { labels: { app: 'web' }, annotations: null } } })
  expect(sizes()).toEqual([
    [1, 0],
    [2, 0],
    [3, 4],
  ])
  expect(imagesOf(cluster, 'web')).toEqual(Array(4).fill('nginx:2'))
  expect(conditionOf(web(), 'Progressing')).toBe('True NewReplicaSetAvailable')
})

it('an old template comes back with its replica set, under a new revision', async () => {
  await create()
  const [first] = cluster.list('apps/v1/replicasets')
  await change({ template: template('web', 'nginx:2') })
  await change({ template: template('web', 'nginx:1') })
  expect(sizes()).toEqual([
    [2, 0],
    [3, 4],
  ])
  const again = cluster.get('apps/v1/replicasets', first.metadata.name)
  expect(again?.spec.replicas).toBe(4)
  expect(again?.metadata.annotations['deployment.kubernetes.io/revision-history']).toBe('1')
  expect(web().metadata.annotations['deployment.kubernetes.io/revision']).toBe('3')
})

it('a rollout that gets nowhere is late after its deadline, and no earlier', async () => {
  await create({ progressDeadlineSeconds: 60 })
  await change({ template: broken })
  await cluster.advance(50_000)
  expect(conditionOf(web(), 'Progressing')).toBe('True ReplicaSetUpdated')
  await cluster.advance(20_000)
  expect(conditionOf(web(), 'Progressing')).toBe('False ProgressDeadlineExceeded')
})

it('recreation ends all old pods before it makes new ones', async () => {
  await create({
    strategy: { type: 'Recreate' },
    template: { metadata: { labels: { app: 'web' }, annotations: { 'kubedouble.dev/stop-after': '10s' } }, spec: template('web').spec },
  })
  await change({ template: { metadata: { annotations: null }, spec: { containers: [{ name: 'main', image: 'nginx:2' }] } } })
  expect(imagesOf(cluster, 'web')).toEqual(Array(4).fill('nginx:1'))
  expect(web().status.terminatingReplicas).toBe(4)
  await cluster.advance(11_000)
  expect(imagesOf(cluster, 'web')).toEqual(Array(4).fill('nginx:2'))
})

it('a paused Deployment changes its size but not its template', async () => {
  await create()
  await change({ paused: true })
  expect(conditionOf(web(), 'Progressing')).toBe('Unknown DeploymentPaused')
  await change({ replicas: 5, template: template('web', 'nginx:2') })
  expect(imagesOf(cluster, 'web')).toEqual(Array(5).fill('nginx:1'))
  await change({ paused: false })
  expect(imagesOf(cluster, 'web')).toEqual(Array(5).fill('nginx:2'))
  expect(conditionOf(web(), 'Progressing')).toBe('True NewReplicaSetAvailable')
})

it('growth in the middle of a rollout is shared between the replica sets', async () => {
  await create({ replicas: 10, strategy: { rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } } })
  await change({ template: broken })
  expect(sizes()).toEqual([
    [1, 8],
    [2, 5],
  ])
  await change({ replicas: 15 })
  expect(sizes()).toEqual([
    [1, 11],
    [2, 7],
  ])
})

it('no more old replica sets are kept than are asked for', async () => {
  await create({ revisionHistoryLimit: 1 })
  for (const image of ['nginx:2', 'nginx:3', 'nginx:4']) await change({ template: template('web', image) })
  expect(sizes()).toEqual([
    [3, 0],
    [4, 4],
  ])
})

it('a name that is taken counts as a collision, and another is found', async () => {
  await create()
  const [{ metadata, spec }] = cluster.list('apps/v1/replicasets')
  cluster.delete(deployments, 'web', { propagationPolicy: 'Background' })
  await cluster.advance(60_000)
  const foreign = { labels: { app: 'foreign' } }
  cluster.create('apps/v1/replicasets', {
    metadata: { name: metadata.name },
    spec: { replicas: 0, selector: { matchLabels: { app: 'foreign' } }, template: { metadata: foreign, spec: spec.template.spec } },
  })
  await create()
  expect(web().status).toMatchObject({ collisionCount: 1, availableReplicas: 4 })
})

it('a deleted Deployment takes everything along, or leaves it when told to', async () => {
  await create()
  cluster.delete(deployments, 'web', { propagationPolicy: 'Orphan' })
  await cluster.advance(60_000)
  expect(cluster.list('apps/v1/replicasets')[0].metadata.ownerReferences).toBeUndefined()
  await create()
  expect(podsOf(cluster, 'web')).toHaveLength(4)
  expect(sizes()).toEqual([[1, 4]])
  cluster.delete(deployments, 'web', { propagationPolicy: 'Foreground' })
  await cluster.advance(60_000)
  expect([...cluster.list(deployments), ...cluster.list('apps/v1/replicasets'), ...podsOf(cluster, 'web')]).toEqual([])
})
