// What becomes of a ServiceCIDR: kept, ready, and gone only when nobody needs it any longer.
import { describe, expect, it } from 'vitest'
import { serviceCIDRController as controller } from '../../src/controllers/service-cidr.js'
import type { KubeObject, Plain, PlannedWrite } from '../../src/machinery/index.js'
import { ipAddress, serviceCIDR } from '../../src/resources/index.js'
import { type Sketch, snapshotOf } from '../support/snapshot.js'

const time = '2026-01-02T03:04:05Z'
const finalizer = 'networking.k8s.io/service-cidr-finalizer'
const managed = { 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' }
const readyCondition = { type: 'Ready', status: 'True', message: 'Kubernetes Service CIDR is ready', lastTransitionTime: time }
const blockedCondition = {
  type: 'Ready',
  status: 'False',
  reason: 'Terminating',
  message: 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
  lastTransitionTime: time,
}

const networks = (name: string, cidrs: string[], metadata: Plain = {}, conditions?: Plain[]): Sketch => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'ServiceCIDR',
  metadata: { name, resourceVersion: '7', ...metadata },
  spec: { cidrs },
  status: conditions ? { conditions } : {},
})
const kept = { finalizers: [finalizer] }
const leaving = { finalizers: ['example.com/hold', finalizer], deletionTimestamp: time }
const address = (name: string, labels: Plain = managed): Sketch => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IPAddress',
  metadata: { name, labels },
  spec: { parentRef: { resource: 'services', namespace: 'default', name: 'web' } },
})

function planned(present: Sketch[], name = 'more') {
  const observed = controller.observe({ namespace: '', name }, snapshotOf(present, { now: Date.parse(time) }))
  return observed === undefined ? 'nothing observed' : controller.reconcile(observed).writes.map(outline)
}

function outline(write: PlannedWrite): Plain {
  if (write.verb === 'patch') return { finalizers: write.patch.metadata.finalizers, ifVersion: write.patch.metadata.resourceVersion }
  return write.verb === 'apply' ? { condition: write.object.status.conditions[0], of: write.object.metadata.name, through: write.subresource } : write
}

const gone = { finalizers: ['example.com/hold'], ifVersion: '7' }
const blocked = { condition: blockedCondition, of: 'more', through: 'status' }

describe('a ServiceCIDR', () => {
  it.each<[string, Sketch[], unknown]>([
    ['that is not there', [], 'nothing observed'],
    ['without the finalizer gets it', [networks('more', ['10.0.0.0/24'], { finalizers: ['a/b'] })], [{ finalizers: ['a/b', finalizer], ifVersion: '7' }]],
    ['that is kept is called ready', [networks('more', ['10.0.0.0/24'], kept)], [{ condition: readyCondition, of: 'more', through: 'status' }]],
    [
      'that is ready is left alone',
      [networks('more', ['10.0.0.0/24'], kept, [{ ...readyCondition, reason: '', lastTransitionTime: '2025-01-01T00:00:00Z' }])],
      [],
    ],
    [
      'that is said not to be ready is called ready',
      [networks('more', ['10.0.0.0/24'], kept, [{ ...readyCondition, status: 'False' }])],
      [{ condition: readyCondition, of: 'more', through: 'status' }],
    ],
    ['on its way out without the finalizer is left alone', [networks('more', ['10.0.0.0/24'], { ...leaving, finalizers: ['a/b'] })], 'nothing observed'],
    ['on its way out that nobody needs goes', [networks('more', ['10.0.0.0/24'], leaving), address('10.0.1.1')], [gone]],
    ['on its way out with an address stays and says why', [networks('more', ['10.0.0.0/24'], leaving), address('10.0.0.1')], [blocked]],
    ['that has said so is left alone', [networks('more', ['10.0.0.0/24'], leaving, [blockedCondition]), address('10.0.0.1')], []],
    ['with an address of its second family stays', [networks('more', ['10.0.0.0/24', 'fd00::/112'], leaving), address('fd00::9')], [blocked]],
    ['with an address that no service has goes', [networks('more', ['10.0.0.0/24'], leaving), address('10.0.0.1', {})], [gone]],
    ['goes when a wider one covers it', [networks('more', ['10.0.0.0/24'], leaving), networks('wide', ['10.0.0.0/16']), address('10.0.0.1')], [gone]],
    ['goes when another has the same network', [networks('more', ['10.0.0.0/24'], leaving), networks('same', ['10.0.0.0/24']), address('10.0.0.1')], [gone]],
    [
      'stays when only one of its networks is covered and the other is in use',
      [networks('more', ['10.0.0.0/24', 'fd00::/112'], leaving), networks('wide', ['10.0.0.0/16']), address('fd00::1')],
      [blocked],
    ],
    [
      'goes when a narrower one has all addresses',
      [networks('more', ['10.0.0.0/24'], leaving), networks('part', ['10.0.0.0/25']), address('10.0.0.1')],
      [gone],
    ],
    [
      'stays when a narrower one has not all',
      [networks('more', ['10.0.0.0/24'], leaving), networks('part', ['10.0.0.0/25']), address('10.0.0.200')],
      [blocked],
    ],
    [
      "stays when the address is another's broadcast",
      [networks('more', ['10.0.0.0/24'], leaving), networks('part', ['10.0.0.0/25']), address('10.0.0.127')],
      [blocked],
    ],
  ])('%s', (_, present, expected) => {
    expect(planned(present)).toEqual(expected)
  })

  it('is looked at when it changes, when a neighbour comes, and when its addresses come and go while it wants to go', () => {
    const present = [networks('more', ['10.0.0.0/24'], leaving), networks('part', ['10.0.0.0/25']), networks('far', ['192.168.0.0/24'], leaving)]
    const snapshot = snapshotOf([...present, networks('wide', ['10.0.0.0/16'])])
    const wakes = (sketch: Sketch, { isNew = true, deleted = false } = {}) => {
      const object = sketch as unknown as KubeObject
      const definition = sketch.kind === 'IPAddress' ? ipAddress : serviceCIDR
      const watch = controller.watches.find((each) => each.definition === definition)
      const keys = watch?.keys({ definition, object, ...(isNew ? {} : { old: object }), deleted }, snapshot) ?? []
      return [...new Set(keys.map(({ name }) => name))].sort()
    }
    expect(wakes(networks('wide', ['10.0.0.0/16']))).toEqual(['more', 'part', 'wide'])
    expect(wakes(present[1], { isNew: false })).toEqual(['part'])
    expect(wakes(address('10.0.0.9'))).toEqual(['more'])
    expect(wakes(address('10.0.0.9'), { isNew: false, deleted: true })).toEqual(['more'])
    expect(wakes(address('10.0.0.9'), { isNew: false })).toEqual([])
    expect(wakes(address('10.0.0.9', {}))).toEqual([])
    expect(wakes(address('10.1.0.9'))).toEqual([])
  })
})
