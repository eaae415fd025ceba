// The end of workloads: whichever way one goes, nothing of it stays and nobody makes it anew.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Plain } from '../../../src/machinery/index.js'
import { openTestCluster, type TestCluster } from '../../support/cluster.js'
import { jobSketch, template, workload } from './workload-sketches.js'

const stubborn = { 'exit-after': 'never' }
const kinds: [resource: string, sketch: Plain][] = [
  ['apps/v1/deployments', workload('web', { replicas: 2 })],
  ['apps/v1/replicasets', workload('web', { replicas: 2 })],
  ['v1/replicationcontrollers', { metadata: { name: 'web' }, spec: { replicas: 2, selector: { app: 'web' }, template: template('web') } }],
  ['apps/v1/statefulsets', workload('web', { replicas: 2, serviceName: 'web' })],
  ['apps/v1/daemonsets', workload('web')],
  ['batch/v1/jobs', jobSketch('web', { parallelism: 2, completions: 2 }, stubborn)],
  ['batch/v1/cronjobs', { metadata: { name: 'web' }, spec: { schedule: '* * * * *', jobTemplate: { spec: jobSketch('web', {}, stubborn).spec } } }],
]

describe.each(kinds)('%s', (resource, sketch) => {
  let cluster: TestCluster
  beforeEach(async () => {
    cluster = openTestCluster({ nodes: 2 })
    cluster.create('v1/namespaces', { metadata: { name: 'shop' } })
    await cluster.settled()
    cluster.create(resource, { ...sketch, metadata: { ...sketch.metadata, namespace: 'shop' } })
    await cluster.advance(65_000)
    expect(left()).not.toEqual([])
  })
  afterEach(() => {
    expect(left()).toEqual([])
    expect(cluster.failures).toEqual([])
    expect(cluster.replan()).toEqual([])
    cluster.close()
  })

  const left = () =>
    ['v1/pods', 'batch/v1/jobs', 'apps/v1/replicasets', 'apps/v1/controllerrevisions', resource].flatMap((each) =>
      cluster.list(each, 'shop').map(({ metadata }) => `${each} ${metadata.name}`),
    )

  it.each(['Background', 'Foreground'] as const)('go with all that is theirs when they are deleted: %s', async (propagationPolicy) => {
    cluster.delete(resource, 'web', { namespace: 'shop', propagationPolicy })
    await cluster.advance(60_000)
  })

  it('go with their namespace', async () => {
    cluster.delete('v1/namespaces', 'shop')
    await cluster.advance(60_000)
    expect(cluster.get('v1/namespaces', 'shop')).toBeUndefined()
  })
})
