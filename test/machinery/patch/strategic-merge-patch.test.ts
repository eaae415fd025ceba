import { describe, expect, it } from 'vitest'
import { applyStrategicMergePatch, deepFreeze, type Plain } from '../../../src/machinery/index.js'
import { schema } from '../../../src/resources/index.js'

const patched = (kind: string, object: Plain, patch: Plain) => applyStrategicMergePatch(schema.shape(kind), deepFreeze(object), deepFreeze(patch))
const pod = (spec: Plain) => ({ kind: 'Pod', apiVersion: 'v1', metadata: { name: 'web' }, spec })
const meta = (metadata: Plain) => ({ metadata })
const container = (name: string, more: Plain = {}) => ({ name, image: `${name}:1`, ...more })
const ports = (...numbers: number[]) => numbers.map((port) => ({ port }))

describe('a strategic merge patch', () => {
  it.each<[string, string, Plain, Plain, Plain]>([
    ['merges maps', 'core/v1.Pod', meta({ labels: { a: '1', b: '2' } }), meta({ labels: { b: '3', c: '4' } }), meta({ labels: { a: '1', b: '3', c: '4' } })],
    ['removes with null', 'core/v1.Pod', meta({ labels: { a: '1', b: '2' } }), meta({ labels: { a: null } }), meta({ labels: { b: '2' } })],
    ['adds maps without their nulls', 'core/v1.Pod', meta({ name: 'x' }), meta({ labels: { a: '1', b: null } }), meta({ name: 'x', labels: { a: '1' } })],
    [
      'replaces a map that says so',
      'core/v1.Pod',
      meta({ labels: { a: '1', b: '2' } }),
      meta({ labels: { $patch: 'replace', only: 'this' } }),
      meta({ labels: { only: 'this' } }),
    ],
    ['empties a map that says so', 'core/v1.Pod', meta({ labels: { a: '1' } }), meta({ labels: { $patch: 'delete', a: '2' } }), meta({ labels: {} })],
    [
      'replaces a map whose strategy says so',
      'policy/v1.PodDisruptionBudget',
      { spec: { selector: { matchLabels: { a: '1' } } } },
      { spec: { selector: { matchLabels: { b: '2' } } } },
      { spec: { selector: { matchLabels: { b: '2' } } } },
    ],
    [
      'replaces lists without a strategy',
      'core/v1.Pod',
      { spec: { tolerations: [{ key: 'a' }, { key: 'b' }] } },
      { spec: { tolerations: [{ key: 'c' }] } },
      { spec: { tolerations: [{ key: 'c' }] } },
    ],
    [
      'merges elements by their key',
      'core/v1.Pod',
      { spec: { containers: [container('a'), container('b')] } },
      { spec: { containers: [{ name: 'b', image: 'b:2' }] } },
      { spec: { containers: [container('a'), container('b', { image: 'b:2' })] } },
    ],
    [
      'merges lists in elements of lists',
      'core/v1.Pod',
      { spec: { containers: [container('a', { env: [{ name: 'X', value: '1' }] })] } },
      { spec: { containers: [{ name: 'a', env: [{ name: 'Z', value: '2' }] }] } },
      {
        spec: {
          containers: [
            container('a', {
              env: [
                { name: 'Z', value: '2' },
                { name: 'X', value: '1' },
              ],
            }),
          ],
        },
      },
    ],
    ['puts new elements first', 'core/v1.Service', { spec: { ports: ports(1, 2) } }, { spec: { ports: ports(9) } }, { spec: { ports: ports(9, 1, 2) } }],
    [
      'keeps elements that it names near their neighbours',
      'core/v1.Service',
      { spec: { ports: ports(1, 2, 3) } },
      { spec: { ports: [{ port: 2, name: 'two' }] } },
      { spec: { ports: [{ port: 1 }, { port: 2, name: 'two' }, { port: 3 }] } },
    ],
    [
      'deletes an element by its key, and minds not when it is missing',
      'core/v1.Service',
      { spec: { ports: ports(1, 2) } },
      {
        spec: {
          ports: [
            { port: 1, $patch: 'delete' },
            { port: 7, $patch: 'delete' },
          ],
        },
      },
      { spec: { ports: ports(2) } },
    ],
    [
      'replaces a list that says so',
      'core/v1.Service',
      { spec: { ports: ports(1, 2) } },
      { spec: { ports: [{ $patch: 'replace' }, { port: 3 }] } },
      { spec: { ports: ports(3) } },
    ],
    [
      'joins sets of scalars',
      'core/v1.Pod',
      meta({ finalizers: ['a/a', 'b/b'] }),
      meta({ finalizers: ['c/c', 'a/a'] }),
      meta({ finalizers: ['c/c', 'a/a', 'b/b'] }),
    ],
    [
      'removes from sets of scalars',
      'core/v1.Pod',
      meta({ finalizers: ['a/a', 'b/b'] }),
      meta({ '$deleteFromPrimitiveList/finalizers': ['a/a', 'z/z'] }),
      meta({ finalizers: ['b/b'] }),
    ],
    [
      'orders elements as it is told, the others by where they stood',
      'core/v1.Service',
      { spec: { ports: ports(1, 2, 3, 4) } },
      { spec: { '$setElementOrder/ports': ports(3, 5, 1), ports: ports(5) } },
      { spec: { ports: ports(2, 3, 5, 1, 4) } },
    ],
    [
      'orders scalars as it is told',
      'core/v1.Pod',
      meta({ finalizers: ['a/a', 'b/b'] }),
      meta({ '$setElementOrder/finalizers': ['c/c', 'b/b', 'a/a'], finalizers: ['c/c'] }),
      meta({ finalizers: ['c/c', 'b/b', 'a/a'] }),
    ],
    [
      'orders a list that it does not change',
      'core/v1.Service',
      { spec: { ports: ports(1, 2) } },
      { spec: { '$setElementOrder/ports': ports(2, 1) } },
      { spec: { ports: ports(2, 1) } },
    ],
    [
      'retains the keys it is told to',
      'apps/v1.Deployment',
      { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } },
      { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } },
      { spec: { strategy: { type: 'Recreate' } } },
    ],
    [
      'leaves out what it would delete where nothing is',
      'core/v1.Pod',
      { spec: {} },
      {
        spec: {
          volumes: [
            { name: 'a', $patch: 'delete' },
            { name: 'b', emptyDir: {} },
          ],
        },
      },
      { spec: { volumes: [{ name: 'b', emptyDir: {} }] } },
    ],
  ])('%s', (_name, kind, object, patch, expected) => {
    expect(patched(kind, object, patch)).toEqual({ value: expected })
  })

  it.each<[string, Plain, string, string]>([
    ['an element without its key', { spec: { containers: [{ image: 'x' }] } }, 'map: map[image:x] does not contain declared merge key: name', 'internal'],
    ['a directive that does not exist', { spec: { $patch: 'explode' } }, 'unknown patch type: explode in map: map[$patch:explode]', 'internal'],
    ['merging as a directive', { spec: { containers: [{ $patch: 'merge' }] } }, 'merging lists cannot yet be specified in the patch', 'internal'],
    [
      'keys that are not among those to retain',
      { spec: { volumes: [{ name: 'v', $retainKeys: ['name'], emptyDir: {} }] } },
      'invalid patch format of retainKeys',
      'badRequest',
    ],
    ['an order that is no list', { spec: { '$setElementOrder/containers': 'a' } }, 'expected a []interface {}, but received a string', 'internal'],
    [
      'an order that lacks an element',
      { spec: { '$setElementOrder/containers': [{ name: 'a' }], containers: [{ name: 'b', image: 'x' }] } },
      "The order in patch list:\n[map[image:x name:b]]\n doesn't match $setElementOrder list:\n[map[name:a]]\n",
      'internal',
    ],
    ['elements of several types', { metadata: { finalizers: ['a', 1] } }, 'list element types are not identical: [[a/a] [a 1]]', 'internal'],
    ['lists of lists', { metadata: { finalizers: [['a']] } }, 'lists of lists are not supported', 'unprocessable'],
    ['a field that does not exist', { spec: { nope: { b: 2 } } }, 'unable to find api field in struct PodSpec for the json field "nope"', 'internal'],
  ])('is refused for %s', (_name, patch, error, kind) => {
    const object = pod({ containers: [container('a')], volumes: [{ name: 'v' }], nope: { a: 1 } })
    expect(patched('core/v1.Pod', { ...object, metadata: { finalizers: ['a/a'] } }, patch)).toEqual({ error, kind })
  })

  it('stays quick with long lists', () => {
    const many = Array.from({ length: 20_000 }, (_, index) => ({ name: `v${index}` }))
    const patch = { spec: { '$setElementOrder/volumes': many, volumes: many.map((volume) => ({ ...volume, emptyDir: {} })) } }
    expect(patched('core/v1.Pod', pod({ volumes: many }), patch)).toHaveProperty('value')
  }, 2_000)
})
