// Owners and dependents: who goes with whom.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DeleteOptions, KubeObject, OwnerReference } from '../../src/machinery/index.js'
import type { Event } from '../../src/resources/index.js'
import { openTestCluster, type TestCluster } from '../support/cluster.js'

let cluster: TestCluster
const maps = 'v1/configmaps'

beforeEach(() => {
  cluster = openTestCluster({ only: ['garbage-collector-controller'] })
})

afterEach(() => {
  expect(cluster.failures).toEqual([])
  cluster.close()
})

interface Made {
  owners?: readonly KubeObject[]
  blocks?: boolean
  finalizers?: string[]
  namespace?: string
}

const referenceTo = ({ apiVersion, kind, metadata: { name = '', uid = '' } }: KubeObject, blockOwnerDeletion?: boolean): OwnerReference => ({
  apiVersion,
  kind,
  name,
  uid,
  ...(blockOwnerDeletion ? { blockOwnerDeletion } : {}),
})

function make(name: string, { owners = [], blocks, finalizers, namespace = 'default' }: Made = {}): KubeObject {
  const ownerReferences = owners.map((owner) => referenceTo(owner, blocks))
  return cluster.create(maps, { metadata: { name, namespace, ownerReferences, finalizers } })
}

const names = () => cluster.list<KubeObject>(maps).map(({ metadata }) => metadata.name)
const ownersOf = (name: string) => cluster.get<KubeObject>(maps, name)?.metadata.ownerReferences?.map(({ name: owner }) => owner)

async function remove(name: string, propagationPolicy?: DeleteOptions['propagationPolicy']): Promise<void> {
  cluster.delete(maps, name, { propagationPolicy })
  await cluster.settled()
}

describe('the garbage collector', () => {
  it('takes dependents along in the background, and theirs', async () => {
    const owner = make('owner')
    const child = make('child', { owners: [owner] })
    make('grandchild', { owners: [child] })
    make('stranger')
    await remove('owner')
    expect(names()).toEqual(['stranger'])
  })

  it('keeps what still has an owner, and forgets the one that went', async () => {
    const [one, other] = [make('one'), make('other')]
    make('child', { owners: [one, other] })
    await remove('one')
    expect(ownersOf('child')).toEqual(['other'])
    await remove('other')
    expect(names()).toEqual([])
  })

  it('removes what is born to an owner that never was', async () => {
    cluster.create(maps, { metadata: { name: 'child', ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'nobody', uid: 'u' }] } })
    await cluster.settled()
    expect(names()).toEqual([])
  })

  it('takes an owner of the same name and another uid for absent', async () => {
    const owner = make('owner')
    await remove('owner')
    make('owner')
    make('child', { owners: [owner] })
    await cluster.settled()
    expect(names()).toEqual(['owner'])
  })

  it('lets dependents go first in the foreground, but waits only for those that hold the owner', async () => {
    const owner = make('owner')
    make('holder', { owners: [owner], blocks: true, finalizers: ['example.com/hold'] })
    make('loose', { owners: [owner], finalizers: ['example.com/hold'] })
    await remove('owner', 'Foreground')
    expect(names()).toEqual(['holder', 'loose', 'owner'])
    expect(cluster.get<KubeObject>(maps, 'owner')?.metadata.finalizers).toEqual(['foregroundDeletion'])
    expect(cluster.get<KubeObject>(maps, 'holder')?.metadata.deletionTimestamp).toBeDefined()
    cluster.patch(maps, 'holder', { metadata: { finalizers: null } })
    await cluster.settled()
    expect(names()).toEqual(['loose'])
  })

  it('goes on in the foreground where dependents have dependents', async () => {
    const owner = make('owner')
    const child = make('child', { owners: [owner], blocks: true })
    make('grandchild', { owners: [child], blocks: true, finalizers: ['example.com/hold'] })
    await remove('owner', 'Foreground')
    expect(cluster.get<KubeObject>(maps, 'child')?.metadata.finalizers).toEqual(['foregroundDeletion'])
    cluster.patch(maps, 'grandchild', { metadata: { finalizers: null } })
    await cluster.settled()
    expect(names()).toEqual([])
  })

  it('gets out of a circle', async () => {
    const one = make('one')
    const other = make('other', { owners: [one], blocks: true })
    cluster.patch(maps, 'one', { metadata: { ownerReferences: [referenceTo(other, true)] } })
    await remove('one', 'Foreground')
    expect(names()).toEqual([])
  })

  it('lets dependents live on as orphans', async () => {
    const owner = make('owner')
    make('child', { owners: [owner] })
    await remove('owner', 'Orphan')
    expect(names()).toEqual(['child'])
    expect(ownersOf('child')).toBeUndefined()
  })

  it('prefers another owner to one that waits for its dependents', async () => {
    const [one, other] = [make('one'), make('other')]
    make('child', { owners: [one, other], blocks: true })
    await remove('one', 'Foreground')
    expect(names()).toEqual(['child', 'other'])
    expect(ownersOf('child')).toEqual(['other'])
  })

  it('does not look for owners in other namespaces, and says so', async () => {
    const owner = make('owner', { namespace: 'kube-system' })
    make('child', { owners: [owner] })
    await cluster.settled()
    expect(names()).toEqual(['owner'])
    expect(cluster.list<Event>('v1/events').map(({ reason, message }) => [reason, message])).toEqual([
      [
        'OwnerRefInvalidNamespace',
        `ownerRef [v1/ConfigMap, namespace: default, name: owner, uid: ${owner.metadata.uid}] does not exist in namespace "default"`,
      ],
    ])
  })

  it('finds owners of the cluster from everywhere', async () => {
    const owner = cluster.create<KubeObject>('scheduling.k8s.io/v1/priorityclasses', { metadata: { name: 'high' }, value: 7 })
    make('child', { owners: [owner] })
    await cluster.settled()
    expect(names()).toEqual(['child'])
    cluster.delete('scheduling.k8s.io/v1/priorityclasses', 'high')
    await cluster.settled()
    expect(names()).toEqual([])
  })

  it('never deletes an object of the cluster for an owner in a namespace', async () => {
    const owner = make('owner')
    cluster.create('scheduling.k8s.io/v1/priorityclasses', { metadata: { name: 'high', ownerReferences: [referenceTo(owner)] }, value: 7 })
    await remove('owner')
    expect(cluster.list<KubeObject>('scheduling.k8s.io/v1/priorityclasses').map(({ metadata }) => metadata.name)).toEqual(['high'])
  })

  it('deletes nothing for an owner of a kind nobody knows', async () => {
    cluster.create(maps, { metadata: { name: 'child', ownerReferences: [{ apiVersion: 'example.com/v1', kind: 'Thing', name: 't', uid: 'u' }] } })
    await cluster.settled()
    expect(names()).toEqual(['child'])
  })

  it('plans nothing when all owners are there', async () => {
    const owner = make('owner')
    make('child', { owners: [owner], blocks: true })
    await cluster.settled()
    expect(cluster.replan()).toEqual([])
  })
})
