// More important pods take the place of others.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Plain } from '../../src/machinery/index.js'
import type { Event, Pod } from '../../src/resources/index.js'
import { openTestCluster, type TestCluster } from '../support/cluster.js'

let cluster: TestCluster

beforeEach(() => {
  cluster = openTestCluster({ only: ['kube-scheduler', 'kubelet', 'node-lifecycle-controller', 'node-ipam-controller'] })
  for (const [name, value] of [
    ['low', 1],
    ['middle', 10],
    ['high', 100],
  ]) {
    cluster.create('scheduling.k8s.io/v1/priorityclasses', { metadata: { name }, value })
  }
  cluster.create('scheduling.k8s.io/v1/priorityclasses', { metadata: { name: 'polite' }, value: 100, preemptionPolicy: 'Never' })
})

afterEach(() => {
  expect(cluster.failures).toEqual([])
  expect(cluster.replan()).toEqual([])
  cluster.close()
})

async function addNode(name: string, capacity: Record<string, string>): Promise<void> {
  cluster.create('v1/nodes', { metadata: { name, annotations: { 'kubedouble.dev/simulated': 'true' } }, status: { capacity } })
  await cluster.settled()
}

async function run(name: string, priorityClassName: string, cpu: string, more: Plain = {}, annotations: Record<string, string> = {}): Promise<void> {
  const containers = [{ name: 'c', image: 'i:1', resources: { requests: { cpu } } }]
  cluster.create('v1/pods', { metadata: { name, labels: { app: name }, annotations }, spec: { containers, priorityClassName, ...more } })
  await cluster.settled()
}

const podOf = (name: string) => cluster.get<Pod>('v1/pods', name)
const nodeOf = (name: string) => podOf(name)?.spec.nodeName
const names = () => cluster.list<Pod>('v1/pods').map(({ metadata }) => metadata.name)
const eventsOf = (name: string) => cluster.list<Event>('v1/events').filter(({ involvedObject }) => involvedObject.name === name)

describe('a pod of higher priority', () => {
  it('takes the place of a lower one', async () => {
    await addNode('a', { cpu: '2' })
    await run('victim', 'low', '2')
    await run('boss', 'high', '1')
    expect(names()).toEqual(['boss'])
    expect(podOf('boss')).toMatchObject({ spec: { nodeName: 'a' }, status: { phase: 'Running' } })
    expect(podOf('boss')?.status?.nominatedNodeName).toBeUndefined()
    expect(eventsOf('victim').find(({ reason }) => reason === 'Preempted')).toMatchObject({
      type: 'Normal',
      action: 'Preempting',
      message: `Preempted by pod ${podOf('boss')?.metadata.uid} on node a`,
    })
    expect(eventsOf('boss').find(({ reason }) => reason === 'FailedScheduling')?.message).toBe('0/1 nodes are available: 1 Insufficient cpu.')
  })

  it('waits for its victims to stop, and nobody takes the place meanwhile', async () => {
    await addNode('a', { cpu: '2' })
    await run('victim', 'low', '2', {}, { 'kubedouble.dev/stop-after': '20s' })
    await run('boss', 'high', '2')
    expect(podOf('boss')?.status?.nominatedNodeName).toBe('a')
    expect(podOf('victim')?.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')).toMatchObject({
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: 'default-scheduler: preempting to accommodate a higher priority pod',
    })
    await run('late', 'middle', '1')
    await cluster.advance(20_000)
    expect([nodeOf('boss'), nodeOf('late')]).toEqual(['a', undefined])
  })

  it('takes no more than it needs, and the least important first', async () => {
    await addNode('a', { cpu: '4' })
    await run('one', 'middle', '1')
    await run('two', 'low', '1')
    await run('three', 'low', '2')
    await run('boss', 'high', '2')
    expect(names()).toEqual(['boss', 'one', 'two'])
  })

  it('goes where it hurts least', async () => {
    await addNode('a', { cpu: '1' })
    await addNode('b', { cpu: '1' })
    await run('middle', 'middle', '1')
    await run('low', 'low', '1')
    await run('boss', 'high', '1')
    expect(names()).toEqual(['boss', 'middle'])
  })

  it('spares what a disruption budget protects, where it can', async () => {
    await addNode('a', { cpu: '1' })
    await addNode('b', { cpu: '1' })
    await run('kept', 'low', '1')
    await run('loose', 'low', '1')
    cluster.create('policy/v1/poddisruptionbudgets', { metadata: { name: 'b' }, spec: { minAvailable: 1, selector: { matchLabels: { app: 'kept' } } } })
    await run('boss', 'high', '1')
    expect(names()).toEqual(['boss', 'kept'])
  })

  it('drives nobody out in vain, nor when it may not', async () => {
    await addNode('a', { cpu: '2' })
    await run('victim', 'low', '2')
    await run('huge', 'high', '3')
    await run('polite', 'polite', '1')
    await run('equal', 'low', '1')
    expect(nodeOf('victim')).toBe('a')
    const message = (name: string) => podOf(name)?.status?.conditions?.find(({ type }) => type === 'PodScheduled')?.message
    expect(message('huge')).toContain('1 Preemption is not helpful for scheduling.')
    expect(message('polite')).toContain('not eligible due to preemptionPolicy=Never.')
    expect(message('equal')).toContain('1 No preemption victims found for incoming pod.')
  })

  it('drives out those that do not want it near', async () => {
    await addNode('a', { cpu: '4' })
    const affinity = {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'boss' } } }],
      },
    }
    await run('shy', 'low', '1', { affinity })
    await run('plain', 'low', '1')
    await run('boss', 'high', '1')
    expect(names()).toEqual(['boss', 'plain'])
  })
})
