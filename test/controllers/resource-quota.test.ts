// What a quota says of its usage: counted when it is made or changed, and when something is given back.
import { describe, expect, it } from 'vitest'
import { resourceQuotaController as controller } from '../../src/controllers/resource-quota.js'
import { deepCopy, type KubeObject, type Plain } from '../../src/machinery/index.js'
import { configMap, event, pod, resourceQuota, service } from '../../src/resources/index.js'
import type { Sketch } from '../support/snapshot.js'
import { World, worldTime } from './world.js'

const quotaOf = (hard: Plain, status: Plain = {}, spec: Plain = {}): Sketch => ({
  apiVersion: 'v1',
  kind: 'ResourceQuota',
  metadata: { name: 'q' },
  spec: { hard, ...spec },
  status,
})
const podOf = (name: string, status: Plain = {}, metadata: Plain = {}, spec: Plain = {}): Sketch => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, ...metadata },
  spec: { containers: [{ name: 'c', resources: { requests: { cpu: '500m' }, limits: { memory: '1Gi' } } }], ...spec },
  status,
})
const serviceOf = (name: string, type: string): Sketch => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { type, ports: [{ port: 1, nodePort: 30000 }] },
})
const configMapOf = (name: string, namespace?: string): Sketch => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } })

function statusAfter(...sketches: Sketch[]): Plain | undefined {
  const world = new World(sketches)
  world.settle(controller, 'q')
  return world.get(resourceQuota, 'q')?.status
}

describe('the usage of a quota', () => {
  it.each<[string, Sketch[], Plain, Plain]>([
    ['is nothing where there is nothing', [], { pods: '1', configmaps: '1' }, { pods: '0', configmaps: '0' }],
    ['counts its own namespace', [configMapOf('a'), configMapOf('b', 'elsewhere')], { 'count/configmaps': '1' }, { 'count/configmaps': '1' }],
    [
      'adds up what pods ask for, but for those that have ended',
      [
        podOf('a'),
        podOf('b'),
        podOf('c', { phase: 'Succeeded' }),
        podOf('d', {}, { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 30 }),
      ],
      { pods: '9', cpu: '9', 'limits.memory': '9Gi', 'count/pods': '9' },
      { pods: '2', cpu: '1', 'limits.memory': '2Gi', 'count/pods': '4' },
    ],
    ['still counts pods that have time left', [podOf('a', {}, { deletionTimestamp: worldTime, deletionGracePeriodSeconds: 30 })], { pods: '9' }, { pods: '1' }],
    [
      'looks at services together',
      [serviceOf('a', 'NodePort'), serviceOf('b', 'ClusterIP')],
      { services: '9', 'services.nodeports': '9' },
      { services: '2', 'services.nodeports': '1' },
    ],
  ])('%s', (_name, present, hard, used) => {
    expect(statusAfter(quotaOf(hard), ...present)).toEqual({ hard, used })
  })

  it('leaves out what is not in its scopes', () => {
    const quota = quotaOf({ pods: '9' }, {}, { scopes: ['NotTerminating'] })
    expect(statusAfter(quota, podOf('a'), podOf('b', {}, {}, { activeDeadlineSeconds: 9 }))).toEqual({ hard: { pods: '9' }, used: { pods: '1' } })
  })

  it('follows the limits, and forgets those that are gone', () => {
    const stale = { hard: { configmaps: '1', secrets: '1' }, used: { configmaps: '7', secrets: '7' } }
    expect(statusAfter(quotaOf({ configmaps: '5' }, stale), configMapOf('a'))).toEqual({ hard: { configmaps: '5' }, used: { configmaps: '1' } })
  })

  it('keeps what somebody else counts', () => {
    const status = { hard: { 'example.com/licences': '5' }, used: { 'example.com/licences': '2' } }
    expect(statusAfter(quotaOf(status.hard, status))).toEqual(status)
  })

  it('is written through the status, and not at all when it is right', () => {
    const world = new World([quotaOf({ pods: '1' })])
    expect(world.settle(controller, 'q')).toMatchObject([{ verb: 'update', subresource: 'status' }])
    expect(world.settle(controller, 'q')).toEqual([])
    expect(new World([quotaOf({})]).settle(controller, 'q')).toEqual([])
  })
})

describe('a quota is counted anew', () => {
  const world = new World([quotaOf({ pods: '1' })])
  const onAny = controller.watches.find(({ definition }) => !definition)
  const stored = (sketch: Sketch) => new World([sketch]).put(sketch)
  const changed = (object: KubeObject, edit: (draft: Plain) => void) => {
    const draft = deepCopy(object) as Plain
    edit(draft)
    return draft as unknown as KubeObject
  }

  const running = stored(podOf('a'))
  const clusterIP = stored(serviceOf('a', 'ClusterIP'))
  const nodePort = stored(serviceOf('a', 'NodePort'))
  it.each([
    ['when something it may count is deleted', { definition: configMap, object: stored(configMapOf('a')), deleted: true }, true],
    ['not when something is made, which admission books', { definition: configMap, object: stored(configMapOf('a')), deleted: false }, false],
    ['not for another namespace', { definition: configMap, object: stored(configMapOf('a', 'elsewhere')), deleted: true }, false],
    ['not for events', { definition: event, object: stored({ apiVersion: 'v1', kind: 'Event', metadata: { name: 'a' } }), deleted: true }, false],
    ['when a pod ends', { definition: pod, object: changed(running, ({ status }) => (status.phase = 'Failed')), old: running, deleted: false }, true],
    ['not when a pod starts', { definition: pod, object: changed(running, ({ status }) => (status.phase = 'Running')), old: running, deleted: false }, false],
    ['when a service changes its type', { definition: service, object: clusterIP, old: nodePort, deleted: false }, true],
    ['not when a service stays what it is', { definition: service, object: nodePort, old: nodePort, deleted: false }, false],
  ])('%s', (_name, change, isCounted) => {
    expect(onAny?.keys(change, world.snapshot())).toEqual(isCounted ? [{ namespace: 'default', name: 'q' }] : [])
  })

  it('when its limits change, not when its status does', () => {
    const quota = world.get(resourceQuota, 'q') as KubeObject
    const wakes = (object: KubeObject, old?: KubeObject) => world.wakes(controller, { definition: resourceQuota, object, old })
    expect(wakes(quota)).toEqual(['default/q'])
    expect(
      wakes(
        changed(quota, ({ spec }) => (spec.hard = { pods: '2' })),
        quota,
      ),
    ).toEqual(['default/q'])
    expect(
      wakes(
        changed(quota, (draft) => (draft.status = { used: { pods: '1' } })),
        quota,
      ),
    ).toEqual([])
  })
})
