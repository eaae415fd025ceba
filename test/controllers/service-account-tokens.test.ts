// Secrets that hold the token of a service account.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { KubeObject, Plain } from '../../src/machinery/index.js'
import type { Secret, ServiceAccount } from '../../src/resources/index.js'
import { openTestCluster, type TestCluster } from '../support/cluster.js'

let cluster: TestCluster

beforeEach(async () => {
  cluster = openTestCluster()
  await cluster.settled()
})

afterEach(() => {
  expect(cluster.failures).toEqual([])
  expect(cluster.replan()).toEqual([])
  cluster.close()
})

const accounts = 'v1/serviceaccounts'
const secrets = 'v1/secrets'
const secretOf = (name: string) => cluster.get<Secret>(secrets, name)
const text = (base64 = '') => Buffer.from(base64, 'base64').toString()

async function make(name: string, account: string, more: Plain = {}): Promise<void> {
  cluster.create(secrets, {
    metadata: { name, annotations: { 'kubernetes.io/service-account.name': account } },
    type: 'kubernetes.io/service-account-token',
    ...more,
  })
  await cluster.settled()
}

describe('a Secret of type service-account-token', () => {
  it('is filled in', async () => {
    cluster.create(accounts, { metadata: { name: 'till' } })
    await make('mine', 'till')
    const uid = cluster.get<KubeObject>(accounts, 'till')?.metadata.uid
    const { data, metadata } = secretOf('mine') as Secret
    expect(metadata.annotations).toEqual({ 'kubernetes.io/service-account.name': 'till', 'kubernetes.io/service-account.uid': uid })
    expect([text(data?.['ca.crt']), text(data?.namespace)]).toEqual(['the CA', 'default'])
    expect(JSON.parse(text(data?.token))).toEqual({
      iss: 'kubernetes/serviceaccount',
      'kubernetes.io/serviceaccount/namespace': 'default',
      'kubernetes.io/serviceaccount/secret.name': 'mine',
      'kubernetes.io/serviceaccount/service-account.name': 'till',
      'kubernetes.io/serviceaccount/service-account.uid': uid,
      sub: 'system:serviceaccount:default:till',
    })
  })

  it('has back what is taken away, and keeps what clients add', async () => {
    await make('mine', 'default', { data: { extra: 'eA==' } })
    const whole = secretOf('mine')?.data
    expect(Object.keys(whole ?? {}).sort()).toEqual(['ca.crt', 'extra', 'namespace', 'token'])
    cluster.patch(secrets, 'mine', { data: { 'ca.crt': 'eA==', namespace: null, token: null } })
    await cluster.settled()
    expect(secretOf('mine')?.data).toEqual(whole)
  })

  it('keeps a token that was brought along', async () => {
    await make('mine', 'default', { data: { token: 'eA==' } })
    expect(secretOf('mine')?.data?.token).toBe('eA==')
  })

  it('goes when there is no such account, or it is another one', async () => {
    await make('stray', 'nobody')
    expect(secretOf('stray')).toBeUndefined()
    const annotations = { 'kubernetes.io/service-account.name': 'default', 'kubernetes.io/service-account.uid': 'old' }
    await make('late', 'default', { metadata: { name: 'late', annotations } })
    expect(secretOf('late')).toBeUndefined()
  })

  it('goes with its account', async () => {
    cluster.create(accounts, { metadata: { name: 'till' } })
    await make('mine', 'till')
    await make('other', 'default')
    cluster.delete(accounts, 'till')
    await cluster.settled()
    expect([secretOf('mine'), secretOf('other')?.metadata.name]).toEqual([undefined, 'other'])
  })

  it('is no longer named by its account when it is deleted', async () => {
    cluster.create(accounts, { metadata: { name: 'till' }, secrets: [{ name: 'mine' }, { name: 'never-made' }] })
    await make('mine', 'till')
    cluster.delete(secrets, 'mine')
    await cluster.settled()
    expect(cluster.get<ServiceAccount>(accounts, 'till')?.secrets).toEqual([{ name: 'never-made' }])
  })

  it('leaves Secrets of other types alone', async () => {
    cluster.create(secrets, { metadata: { name: 'plain', annotations: { 'kubernetes.io/service-account.name': 'nobody' } } })
    await cluster.settled()
    expect(secretOf('plain')?.data).toBeUndefined()
  })
})
