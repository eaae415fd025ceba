// A clock that is set back: what was begun ends, and what is begun then does too.
import { expect, it } from 'vitest'
import { historyLimits } from '../../src/storage/index.js'
import { openTestCluster } from '../support/cluster.js'

const hourMillis = 3_600_000
const pod = (name: string) => ({ metadata: { name, labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } })

it('a cluster lives on when its clock is set back', async () => {
  const cluster = openTestCluster({ nodes: 2 })
  await cluster.settled()
  cluster.create('v1/services', { metadata: { name: 'web' }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } })
  cluster.create('v1/pods', pod('before'))
  cluster.create('v1/namespaces', { metadata: { name: 'going' } })
  await cluster.advance(10_000)
  cluster.delete('v1/pods', 'before')
  cluster.delete('v1/namespaces', 'going')
  cluster.clock.advance(-hourMillis)
  cluster.create('v1/pods', pod('after'))
  await cluster.settled()
  await cluster.advance(60_000)
  expect(cluster.get('v1/pods', 'after')?.status.phase).toBe('Running')
  expect(cluster.get('v1/pods', 'before')).toBeUndefined()
  expect(cluster.get('v1/namespaces', 'going', '')).toBeUndefined()
  const [slice] = cluster.list('discovery.k8s.io/v1/endpointslices')
  expect(slice.endpoints.map(({ targetRef }: { targetRef: { name: string } }) => targetRef.name)).toEqual(['after'])
  expect(cluster.failures).toEqual([])
  expect(cluster.replan()).toEqual([])
  // The past is forgotten when the old time has come again.
  const { store } = cluster.realm
  await cluster.advance(hourMillis + historyLimits.ageMillisMax)
  const { revision } = store
  for (let count = 0; count < revision; count++) cluster.create('v1/configmaps', { metadata: { name: `map-${count}` } })
  expect(store.compactedRevision).toBeGreaterThanOrEqual(revision)
  cluster.close()
})
