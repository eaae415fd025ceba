import { beforeEach, describe, expect, it } from 'vitest'
import type { Plain } from '../../../src/machinery/index.js'
import { causesOf, openRealm, type TestRealm } from '../../support/realm.js'

const quotas = 'v1/resourcequotas'
let realm: TestRealm
beforeEach(() => {
  realm = openRealm()
})

const create = (spec: Plain) => causesOf(realm.create(quotas, { metadata: { name: 'q' }, spec }))
const matching = (...matchExpressions: Plain[]) => ({ hard: { pods: '1' }, scopeSelector: { matchExpressions } })
const selector = 'spec.scopeSelector.matchExpressions'
const standard = 'must be a standard resource type or fully qualified'
const forQuota = 'must be a standard resource for quota'

describe('a quota', () => {
  it.each<[string, Plain, string[]]>([
    [
      'ordinary limits',
      { hard: { pods: '1', 'requests.cpu': '1', 'limits.memory': '1Gi', 'count/jobs.batch': '2', 'hugepages-2Mi': '4Mi', 'requests.hugepages-2Mi': '4Mi' } },
      [],
    ],
    ['storage of a class', { hard: { 'fast.storageclass.storage.k8s.io/requests.storage': '1Gi', 'requests.storage': '1Gi' } }, []],
    [
      'an unknown word',
      { hard: { pots: '1' } },
      [`spec.hard[pots]: Invalid value: "pots": ${standard}`, `spec.hard[pots]: Invalid value: "pots": ${forQuota}`],
    ],
    ['storage itself', { hard: { storage: '1' } }, [`spec.hard[storage]: Invalid value: "storage": ${forQuota}`]],
    ['a part of a pod', { hard: { pods: '500m' } }, ['spec.hard[pods]: Invalid value: "500m": must be an integer']],
    ['less than nothing', { hard: { cpu: '-1' } }, ['spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0']],
    ['an unknown scope', { scopes: ['Odd'] }, ['spec.scopes: Invalid value: ["Odd"]: unsupported scope']],
    [
      'opposite scopes',
      { hard: { pods: '1' }, scopes: ['BestEffort', 'NotBestEffort'] },
      ['spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes'],
    ],
    [
      'a scope that limits nothing of the kind',
      { hard: { cpu: '1', services: '1', 'count/pods': '1' }, scopes: ['BestEffort'] },
      Array(2).fill('spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource'),
    ],
    ['a scope of claims', { hard: { 'requests.storage': '1' }, scopes: ['VolumeAttributesClass'] }, []],
    ['priorities by name', matching({ scopeName: 'PriorityClass', operator: 'In', values: ['high'] }), []],
    [
      'priorities by no name',
      matching({ scopeName: 'PriorityClass', operator: 'NotIn' }),
      [`${selector}.values: Required value: must be at least one value when \`operator\` is 'In' or 'NotIn' for scope selector`],
    ],
    [
      'priorities that exist by name',
      matching({ scopeName: 'PriorityClass', operator: 'Exists', values: ['a'] }),
      [`${selector}.values: Invalid value: ["a"]: must be no value when \`operator\` is 'Exist' or 'DoesNotExist' for scope selector`],
    ],
    [
      'an odd operator',
      matching({ scopeName: 'PriorityClass', operator: 'Like' }),
      [`${selector}.operator: Invalid value: "Like": not a valid selector operator`],
    ],
    [
      'a scope that takes no operator',
      matching({ scopeName: 'Terminating', operator: 'DoesNotExist' }),
      [
        `${selector}.operator: Invalid value: "DoesNotExist": must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity`,
      ],
    ],
    [
      'a selector that limits nothing of the kind',
      { ...matching({ scopeName: 'VolumeAttributesClass', operator: 'Exists' }), hard: { pods: '1' } },
      [
        `${selector}: Invalid value: {"MatchExpressions":[{"ScopeName":"VolumeAttributesClass","Operator":"Exists","Values":null}]}: unsupported scope applied to resource`,
      ],
    ],
  ])('may have %s: %#', (_name, spec, causes) => {
    expect(create(spec)).toEqual(causes)
  })

  it('keeps its scopes, in whatever order', () => {
    create({ hard: { pods: '1' }, scopes: ['NotBestEffort', 'Terminating'] })
    expect(causesOf(realm.change(quotas, 'q', ({ spec }) => spec.scopes.reverse()))).toEqual([])
    expect(causesOf(realm.change(quotas, 'q', ({ spec }) => (spec.scopes = ['Terminating'])))).toEqual([
      'spec.scopes: Invalid value: ["Terminating"]: field is immutable',
    ])
  })

  it('has only known resources in its status', () => {
    create({ hard: { pods: '1' } })
    expect(causesOf(realm.change(quotas, 'q', ({ status }) => (status.used = { pods: '-1' }), 'status'))).toEqual([
      'status.used[pods]: Invalid value: "-1": must be greater than or equal to 0',
    ])
  })
})
