// A clock that is set while much is going on: back by a second or a day, forward by ten years, and as it was before.
import { afterEach, describe, expect, it } from 'vitest'
import type { Plain } from '../../src/machinery/index.js'
import { firstMoment, openTestCluster, type TestCluster } from '../support/cluster.js'
import { SteppedClock } from '../support/stepped-clock.js'

const secondMillis = 1000
const dayMillis = 86_400_000
const steps: [string, number][] = [
  ['back by a second', -secondMillis],
  ['back by a day', -dayMillis],
  ['forward by ten years', 3653 * dayMillis],
]

const template = (more: Plain = {}) => ({ metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }], ...more } })
const pod = (name: string) => ({ metadata: { name }, spec: { containers: [{ name: 'c', image: 'i' }] } })
const job = (name: string) => ({ metadata: { name }, spec: { ttlSecondsAfterFinished: 30, template: template({ restartPolicy: 'Never' }) } })

let cluster: TestCluster
let clock: SteppedClock
afterEach(() => cluster.close())

async function open(): Promise<void> {
  clock = new SteppedClock(firstMoment)
  cluster = openTestCluster({ nodes: 2, clock })
  cluster.create('v1/services', { metadata: { name: 'web' }, spec: { selector: { app: 'web', tier: 'front' }, ports: [{ port: 80 }] } })
  const front = { metadata: { labels: { app: 'web', tier: 'front' } }, spec: template().spec }
  cluster.create('apps/v1/deployments', {
    metadata: { name: 'web' },
    spec: { replicas: 2, selector: { matchLabels: { app: 'web', tier: 'front' } }, template: front },
  })
  cluster.create('batch/v1/cronjobs', {
    metadata: { name: 'tick' },
    spec: { schedule: '* * * * *', jobTemplate: { spec: { template: template({ restartPolicy: 'Never' }) } } },
  })
  cluster.create('v1/namespaces', { metadata: { name: 'going' } })
  cluster.create('v1/pods', pod('leaving'))
  await cluster.advance(70_000)
}

const scale = (replicas: number) => cluster.patch('apps/v1/deployments', 'web', { spec: { replicas } })
const ready = () => cluster.get('apps/v1/deployments', 'web')?.status.readyReplicas
const phase = (name: string) => cluster.get('v1/pods', name)?.status.phase
const endpoints = () => cluster.list('discovery.k8s.io/v1/endpointslices').reduce((count, { endpoints }) => count + (endpoints?.length ?? 0), 0)
const ticks = () => cluster.list('batch/v1/jobs').filter(({ metadata }) => metadata.name.startsWith('tick-')).length

describe.each(steps)('a clock that is set %s', (_, step) => {
  it('harms nothing that goes on meanwhile, nor when it is set right again', async () => {
    await open()
    cluster.delete('v1/pods', 'leaving')
    cluster.delete('v1/namespaces', 'going')
    cluster.create('v1/pods', pod('coming'))
    cluster.create('batch/v1/jobs', job('task'))
    scale(3)
    // In the middle: pods are starting and ending.
    await cluster.advance(500)
    clock.aheadMillis = step
    cluster.create('v1/pods', pod('meanwhile'))
    await cluster.advance(100_000)
    expect([phase('coming'), phase('meanwhile'), phase('leaving')]).toEqual(['Running', 'Running', undefined])
    expect(cluster.get('v1/namespaces', 'going', '')).toBeUndefined()
    expect(cluster.get('batch/v1/jobs', 'task')).toBeUndefined()
    expect([ready(), endpoints()]).toEqual([3, 3])
    expect(cluster.get('v1/pods', 'meanwhile')?.metadata.creationTimestamp).toBe(new Date(firstMoment + 70_500 + step).toISOString().replace('.500', ''))

    cluster.delete('v1/pods', 'coming')
    scale(1)
    await cluster.advance(500)
    clock.aheadMillis = 0
    cluster.create('v1/pods', pod('later'))
    // One that had finished in what is the future now would stay till then, as it does on a cluster.
    cluster.create('batch/v1/jobs', job('task'))
    await cluster.advance(100_000)
    expect([phase('later'), phase('meanwhile'), phase('coming')]).toEqual(['Running', 'Running', undefined])
    expect(cluster.get('batch/v1/jobs', 'task')).toBeUndefined()
    expect([ready(), endpoints()]).toEqual([1, 1])
    // Ten years of missed minutes are one job; and no more of the finished ones are kept than is asked for.
    expect(ticks()).toBeLessThanOrEqual(4)
    expect(cluster.failures).toEqual([])
    // Whoever looks at what runs leaves it as it is, but for times that lie ahead.
    for (const { metadata } of cluster.list('v1/pods')) cluster.patch('v1/pods', metadata.name, { metadata: { annotations: { touched: 'yes' } } })
    await cluster.settled()
    expect([ready(), endpoints(), phase('meanwhile')]).toEqual([1, 1, 'Running'])
    expect(cluster.replan()).toEqual([])
  })
})

describe('a clock that is set back by a day', () => {
  it('makes nothing take a day that takes seconds, and takes nothing away', async () => {
    await open()
    const annotated = (name: string, script: Plain) => ({ ...pod(name), metadata: { name, annotations: script } })
    const probe = { httpGet: { port: 80 }, initialDelaySeconds: 5 }
    cluster.create('v1/pods', { metadata: { name: 'probed' }, spec: { containers: [{ name: 'c', image: 'i', readinessProbe: probe }] } })
    cluster.create('v1/pods', annotated('slow-to-stop', { 'kubedouble.dev/stop-after': '5s' }))
    cluster.create('v1/pods', annotated('crashing', { 'kubedouble.dev/exit-after': '1s', 'kubedouble.dev/exit-code': '1' }))
    await cluster.advance(30_000)
    const isReady = () => cluster.get('v1/pods', 'probed')?.status.containerStatuses[0].ready
    const restarts = () => cluster.get('v1/pods', 'crashing')?.status.containerStatuses[0].restartCount
    expect(isReady()).toBe(true)
    cluster.delete('v1/pods', 'slow-to-stop')
    cluster.create('v1/pods', annotated('slow-to-start', { 'kubedouble.dev/start-after': '5s' }))
    await cluster.advance(1000)
    const before = restarts()
    clock.aheadMillis = -dayMillis
    cluster.patch('v1/pods', 'probed', { metadata: { annotations: { touched: 'yes' } } })
    await cluster.settled()
    expect(isReady()).toBe(true)
    await cluster.advance(600_000)
    expect([phase('slow-to-stop'), phase('slow-to-start'), isReady()]).toEqual([undefined, 'Running', true])
    expect(restarts()).toBeGreaterThan(before)
    expect(cluster.failures).toEqual([])
  })
})
