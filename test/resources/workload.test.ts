import { describe, expect, it } from 'vitest'
import { type Plain, type ResourceDefinition, recanonicalize } from '../../src/machinery/index.js'
import { deployment, replicaSet, replicationController, statefulSet } from '../../src/resources/index.js'
import { validateAmount } from '../../src/resources/workload.js'

const expression = { key: 'tier', operator: 'In', values: ['b', 'a'] }

describe('scale', () => {
  it.each<[string, ResourceDefinition, Plain, string]>([
    ['Deployment', deployment, { matchLabels: { app: 'web' }, matchExpressions: [expression] }, 'app=web,tier in (a,b)'],
    ['ReplicaSet', replicaSet, { matchLabels: { app: 'web' } }, 'app=web'],
    ['StatefulSet', statefulSet, { matchLabels: { app: 'web' } }, 'app=web'],
    ['ReplicationController', replicationController, { app: 'web', tier: 'a' }, 'app=web,tier=a'],
  ])('reads and writes the replicas of a %s', (_kind, definition, selector, text) => {
    const draft = recanonicalize(definition.shape, { metadata: { name: 'a' }, spec: { replicas: 2, selector }, status: { replicas: 1 } }) as Plain & never
    const { scale } = definition
    expect([scale?.replicas(draft), scale?.statusReplicas(draft), scale?.selector(draft)]).toEqual([2, 1, text])
    scale?.withReplicas(draft, 5)
    expect(scale?.replicas(draft)).toBe(5)
  })
})

describe('an amount of pods', () => {
  it.each([
    [0, []],
    ['25%', []],
    [-1, ['must be greater than or equal to 0']],
    ['101%', ['must not be greater than 100%']],
    ['some', ["a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')"]],
  ])('%j is judged', (value, problems) => {
    expect(validateAmount('x', value).map(({ body }) => body.slice(body.indexOf(': ', 15) + 2))).toEqual(problems)
  })
})
