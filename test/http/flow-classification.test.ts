import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Plain } from '../../src/machinery/index.js'
import { configMaps, openApp, type TestApp } from '../support/app.js'

let app: TestApp
const uids: Record<string, string> = {}
const users: Record<string, string[]> = {
  admin: ['system:masters'],
  'system:serviceaccount:kube-system:x': ['system:serviceaccounts'],
  anybody: ['system:authenticated'],
  nobody: [],
}

const subject = (kind: string, name: string, more: Plain = {}) => ({ kind, [kind.charAt(0).toLowerCase() + kind.slice(1)]: { name, ...more } })
const everything = {
  resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], clusterScope: true, namespaces: ['*'] }],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
}

const flows: [name: string, precedence: number, rule: Plain][] = [
  ['first', 1, { subjects: [subject('Group', 'system:masters')], ...everything }],
  ['accounts', 2, { subjects: [subject('ServiceAccount', '*', { namespace: 'kube-system' })], ...everything }],
  [
    'pods-here',
    3,
    { subjects: [subject('User', 'anybody')], resourceRules: [{ verbs: ['list'], apiGroups: [''], resources: ['pods'], namespaces: ['samples'] }] },
  ],
  [
    'nodes',
    3,
    {
      subjects: [subject('User', 'anybody')],
      resourceRules: [{ verbs: ['watch', 'get'], apiGroups: [''], resources: ['nodes', 'nodes/status'], clusterScope: true }],
    },
  ],
  ['paths', 4, { subjects: [subject('User', '*')], nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/version', '/health/*'] }] }],
  ['last', 9, { subjects: [subject('Group', 'system:authenticated')], ...everything }],
]

beforeAll(async () => {
  app = await openApp({ identify: ({ headers }) => ({ username: String(headers.user), groups: users[String(headers.user)] }) })
  const group = 'flowcontrol.apiserver.k8s.io/v1'
  const level = app.realm.create(`${group}/prioritylevelconfigurations`, { metadata: { name: 'level' }, spec: { type: 'Exempt', exempt: {} } }) as Plain
  uids.level = level.metadata.uid
  for (const [name, matchingPrecedence, rule] of flows) {
    const spec = { matchingPrecedence, priorityLevelConfiguration: { name: 'level' }, rules: [rule] }
    uids[name] = (app.realm.create(`${group}/flowschemas`, { metadata: { name }, spec }) as Plain).metadata.uid
  }
})
afterAll(() => app.close())

async function flowOf(user: string, path: string, method = 'GET'): Promise<string | undefined> {
  const { headers } = await app.ask(method, path, { headers: { user } })
  const uid = headers['x-kubernetes-pf-flowschema-uid']
  expect(headers['x-kubernetes-pf-prioritylevel-uid']).toBe(uid && uids.level)
  return Object.keys(uids).find((name) => uids[name] === uid)
}

describe('a request', () => {
  it.each([
    ['admin', configMaps, 'first'],
    ['admin', '/nope', 'first'],
    ['system:serviceaccount:kube-system:x', configMaps, 'accounts'],
    ['anybody', '/api/v1/namespaces/samples/pods', 'pods-here'],
    ['anybody', '/api/v1/namespaces/other/pods', 'last'],
    ['anybody', '/api/v1/namespaces/samples/pods/x', 'last'],
    ['anybody', '/api/v1/nodes?watch=1&timeoutSeconds=-1', 'nodes'],
    ['anybody', '/api/v1/nodes/x/status', 'nodes'],
    ['anybody', '/api/v1/nodes', 'last'],
    ['anybody', '/version', 'paths'],
    ['nobody', '/health/x', 'paths'],
    ['nobody', '/healthy', undefined],
    ['nobody', configMaps, undefined],
  ])('of %s for %s belongs to %s', async (user, path, flow) => {
    expect(await flowOf(user, path)).toBe(flow)
  })

  it('is classified anew when the classes change', async () => {
    expect(await flowOf('anybody', configMaps)).toBe('last')
    app.realm.change('flowcontrol.apiserver.k8s.io/v1/flowschemas', 'pods-here', (object) => {
      object.spec.rules[0].resourceRules[0].resources = ['configmaps']
    })
    expect(await flowOf('anybody', configMaps)).toBe('pods-here')
  })
})
