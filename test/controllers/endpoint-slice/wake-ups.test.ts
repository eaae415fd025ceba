// What makes the controllers of endpoints look at a Service.
import { describe, expect, it } from 'vitest'
import { endpointSliceController } from '../../../src/controllers/endpoint-slice/endpoint-slice-controller.js'
import type { Plain } from '../../../src/machinery/index.js'
import { endpointSlice, node, pod, service } from '../../../src/resources/index.js'
import { nodeSketch, type PodSketch, podSketch, serviceSketch } from '../sketches.js'
import { World, worldTime } from '../world.js'

const controller = endpointSliceController({ maxEndpointsPerSlice: 100 })

describe('a Service is looked at', () => {
  const services = [
    serviceSketch('web'),
    serviceSketch('front', { selector: { app: 'web', tier: 'front' } }),
    serviceSketch('other'),
    serviceSketch('bare', { selector: undefined }),
    serviceSketch('name', { type: 'ExternalName', externalName: 'example.com', selector: { app: 'web' } }),
    { ...serviceSketch('web'), metadata: { name: 'web', namespace: 'elsewhere' } },
  ]
  const front = { labels: { tier: 'front' } }

  it.each<[what: string, before: PodSketch | undefined, after: PodSketch | undefined, wakes: string[]]>([
    ['a pod appears', undefined, {}, ['web']],
    ['a pod appears without an address', undefined, { ips: [] }, []],
    ['a pod gets its address', { ips: [] }, {}, ['web']],
    ['a pod becomes ready', { ready: false }, { ready: true }, ['web']],
    ['a pod is being deleted', {}, { deleted: true }, ['web']],
    ['a pod goes', {}, undefined, ['web']],
    ['a finished pod goes', { phase: 'Succeeded' }, undefined, []],
    ['a pod finishes', {}, { phase: 'Failed' }, ['web']],
    ['a pod of two Services changes', { ...front, ready: false }, front, ['front', 'web']],
    ['a pod joins one more', {}, front, ['front']],
    ['a pod moves to another', {}, { app: 'other' }, ['other', 'web']],
    ['a pod gets labels nobody selects', {}, { labels: { a: 'b' } }, []],
    ['a pod gets labels and becomes ready', { ready: false }, { labels: { a: 'b' } }, ['web']],
    ['nothing matters of what changed', {}, { spec: { priority: 7 } }, []],
  ])('when %s', (_what, before, after, wakes) => {
    const world = new World(services)
    const old = before && world.put(podSketch('one', before))
    if (!after) world.remove(pod, 'one')
    const object = after ? world.put(podSketch('one', after)) : old
    if (!object) throw new Error('a change needs an object')
    const keys = world.wakes(controller, { definition: pod, object, old: after ? old : undefined, deleted: !after })
    expect(keys.sort()).toEqual(wakes.map((name) => `default/${name}`))
  })

  const managed = { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io', 'kubernetes.io/service-name': 'web' }
  it.each<[what: string, before: Plain | undefined, after: Plain | undefined, wakes: string[]]>([
    ['one of its slices appears', undefined, managed, ['default/web']],
    ['one of its slices goes', managed, undefined, ['default/web']],
    ['one of its slices is moved to another', managed, { ...managed, 'kubernetes.io/service-name': 'other' }, ['default/other', 'default/web']],
    ['one of its slices is taken from the controller', managed, { 'kubernetes.io/service-name': 'web' }, ['default/web']],
    ['a hand-made slice changes', { 'kubernetes.io/service-name': 'web' }, { 'kubernetes.io/service-name': 'web', a: 'b' }, []],
  ])('when %s', (_what, before, after, wakes) => {
    const world = new World(services)
    const sketch = (labels: Plain) => ({ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: { name: 'slice', labels }, addressType: 'IPv4' })
    const old = before && world.put(sketch(before))
    const object = after ? world.put(sketch(after)) : old
    if (!object) throw new Error('a change needs an object')
    expect(world.wakes(controller, { definition: endpointSlice, object, old, deleted: !after }).sort()).toEqual(wakes)
  })

  it.each<[what: string, before: Parameters<typeof nodeSketch>[1] | undefined, after: Parameters<typeof nodeSketch>[1] | undefined, wakes: string[]]>([
    ['a node appears', undefined, {}, ['default/spread']],
    ['a node goes', {}, undefined, ['default/spread']],
    ['a node moves to a zone', {}, { zone: 'zone-1' }, ['default/spread']],
    ['a node stops being ready', {}, { ready: false }, ['default/spread']],
    ['anything else of a node changes', {}, { labels: { a: 'b' } }, []],
  ])('for its hints when %s', (_what, before, after, wakes) => {
    const world = new World([serviceSketch('web'), serviceSketch('spread', {}, { annotations: { 'service.kubernetes.io/topology-mode': 'Auto' } })])
    const old = before && world.put(nodeSketch('node-a', before))
    const object = after ? world.put(nodeSketch('node-a', after)) : old
    if (!object) throw new Error('a change needs an object')
    expect(world.wakes(controller, { definition: node, object, old, deleted: !after })).toEqual(wakes)
  })

  it('when it changes itself', () => {
    const world = new World()
    expect(world.wakes(controller, { definition: service, object: world.put(serviceSketch('web', {}, { creationTimestamp: worldTime })) })).toEqual([
      'default/web',
    ])
  })
})
