// Disruption budgets: how many pods may go, and what an eviction does to the number. And claims that are in use.
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Plain } from '../../../src/machinery/index.js'
import { openTestCluster, type TestCluster } from '../../support/cluster.js'
import { conditionOf, messagesAbout, podsOf, workload } from './workload-sketches.js'

const budgets = 'policy/v1/poddisruptionbudgets'
let cluster: TestCluster
beforeEach(async () => {
  cluster = openTestCluster({ nodes: 2 })
  cluster.create('apps/v1/deployments', workload('web', { replicas: 4 }))
  await cluster.settled()
})
afterEach(() => {
  expect(cluster.failures).toEqual([])
  expect(cluster.replan()).toEqual([])
  cluster.close()
})

async function create(spec: Plain): Promise<Plain> {
  cluster.create(budgets, { metadata: { name: 'budget' }, spec: { selector: { matchLabels: { app: 'web' } }, ...spec } })
  await cluster.settled()
  return cluster.get(budgets, 'budget') as Plain
}

it.each([
  [{ minAvailable: 3 }, 3, 1],
  [{ minAvailable: '50%' }, 2, 2],
  [{ minAvailable: '70%' }, 3, 1],
  [{ maxUnavailable: 1 }, 3, 1],
  [{ maxUnavailable: '30%' }, 2, 2],
  [{ minAvailable: 4 }, 4, 0],
])('%j of four pods', async (spec, desiredHealthy, disruptionsAllowed) => {
  const budget = await create(spec)
  expect(budget.status).toMatchObject({ observedGeneration: 1, currentHealthy: 4, expectedPods: 4, desiredHealthy, disruptionsAllowed })
  expect(conditionOf(budget, 'DisruptionAllowed')).toBe(disruptionsAllowed ? 'True SufficientPods' : 'False InsufficientPods')
})

it('follows the pods', async () => {
  await create({ minAvailable: 2 })
  const [{ metadata }] = podsOf(cluster, 'web')
  cluster.patch('v1/pods', metadata.name, { metadata: { annotations: { 'kubedouble.dev/ready': 'false' } } })
  await cluster.settled()
  expect(cluster.get(budgets, 'budget')?.status).toMatchObject({ currentHealthy: 3, disruptionsAllowed: 1 })
  cluster.patch('apps/v1/deployments', 'web', { spec: { replicas: 0 } })
  await cluster.settled()
  expect(cluster.get(budgets, 'budget')?.status).toMatchObject({ currentHealthy: 0, expectedPods: 0, disruptionsAllowed: 0 })
  expect(messagesAbout(cluster, 'budget')).toContain('No matching pods found')
})

it('a share of pods that nobody scales cannot be reckoned', async () => {
  cluster.create('batch/v1/jobs', {
    metadata: { name: 'work' },
    spec: {
      template: {
        metadata: { labels: { app: 'web' }, annotations: { 'kubedouble.dev/exit-after': 'never' } },
        spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'x:1' }] },
      },
    },
  })
  await cluster.settled()
  const budget = await create({ maxUnavailable: 1 })
  expect(budget.status.disruptionsAllowed).toBe(0)
  expect(conditionOf(budget, 'DisruptionAllowed')).toBe('False SyncFailed')
  expect(budget.status.conditions[0].message).toBe('jobs.batch does not implement the scale subresource')
})

it('a claim in use outlives its deletion, and goes with its last pod', async () => {
  const claim = { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }
  cluster.create('v1/persistentvolumeclaims', claim)
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }]
  cluster.create('v1/pods', { metadata: { name: 'user' }, spec: { containers: [{ name: 'main', image: 'nginx:1' }], volumes } })
  await cluster.settled()
  cluster.delete('v1/persistentvolumeclaims', 'data')
  await cluster.settled()
  expect(cluster.get('v1/persistentvolumeclaims', 'data')?.metadata.deletionTimestamp).toBeDefined()
  cluster.delete('v1/pods', 'user')
  await cluster.settled()
  expect(cluster.get('v1/persistentvolumeclaims', 'data')).toBeUndefined()
})
