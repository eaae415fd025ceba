// Whatever clients do and whenever they do it: the cluster comes to rest, and what it rests in holds together.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { KubeObject, Plain } from '../../src/machinery/index.js'
import { StatusError } from '../../src/machinery/index.js'
import type { Node, Pod } from '../../src/resources/index.js'
import { openTestCluster, type TestCluster } from '../support/cluster.js'

const small = fc.nat({ max: 3 })
const operation = fc.oneof(
  { weight: 6, arbitrary: fc.record({ does: fc.constant('run' as const), which: small, where: small, crashes: fc.boolean(), owned: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('delete' as const), which: small, where: small, waits: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('delete namespace' as const), where: small }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('delete owner' as const), where: small, foreground: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('cordon' as const), which: small, on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('fail' as const), which: small, on: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('replace node' as const), which: small }) },
  { weight: 4, arbitrary: fc.record({ does: fc.constant('wait' as const), seconds: fc.integer({ min: 0, max: 400 }) }) },
)
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never

const namespaceOf = (where: number) => `n-${where}`

/** What the API refuses (a name that is taken, a namespace that goes) is an answer too. */
async function perform(cluster: TestCluster, step: Operation): Promise<void> {
  try {
    await attempt(cluster, step)
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
  }
}

async function attempt(cluster: TestCluster, step: Operation): Promise<void> {
  switch (step.does) {
    case 'run':
      return run(cluster, step)
    case 'delete':
      return cluster.delete('v1/pods', `p-${step.which}`, { namespace: namespaceOf(step.where), ...(step.waits ? {} : { gracePeriodSeconds: 0 }) })
    case 'delete namespace':
      return cluster.delete('v1/namespaces', namespaceOf(step.where))
    case 'delete owner':
      return cluster.delete('v1/configmaps', 'owner', { namespace: namespaceOf(step.where), propagationPolicy: step.foreground ? 'Foreground' : 'Background' })
    case 'cordon':
      cluster.patch('v1/nodes', `node-${step.which}`, { spec: { unschedulable: step.on } })
      return
    case 'fail':
      cluster.patch('v1/nodes', `node-${step.which}`, { metadata: { annotations: { 'kubedouble.dev/ready': step.on ? 'unknown' : null } } })
      return
    case 'replace node':
      cluster.delete('v1/nodes', `node-${step.which}`)
      cluster.create('v1/nodes', { metadata: { name: `node-${step.which}`, annotations: { 'kubedouble.dev/simulated': 'true' } } })
      return
    case 'wait':
      await cluster.advance(step.seconds * 1000)
  }
}

function run(cluster: TestCluster, { which, where, crashes, owned }: Extract<Operation, { does: 'run' }>): void {
  const namespace = namespaceOf(where)
  if (!cluster.get('v1/namespaces', namespace)) cluster.create('v1/namespaces', { metadata: { name: namespace } })
  if (owned && !cluster.get('v1/configmaps', 'owner', namespace)) cluster.create('v1/configmaps', { metadata: { name: 'owner', namespace } })
  const owner = owned ? cluster.get<KubeObject>('v1/configmaps', 'owner', namespace) : undefined
  const ownerReferences = owner && [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: owner.metadata.uid, blockOwnerDeletion: true }]
  const annotations = crashes ? { 'kubedouble.dev/exit-after': '20s', 'kubedouble.dev/exit-code': '1' } : {}
  const metadata: Plain = { name: `p-${which}`, namespace, annotations, ownerReferences }
  // A pod of its own account waits for nobody.
  cluster.create('v1/pods', { metadata, spec: { containers: [{ name: 'c', image: 'i:1' }], automountServiceAccountToken: false } })
}

function expectOrder(cluster: TestCluster): void {
  const pods = cluster.list<Pod>('v1/pods')
  const nodes = new Map(cluster.list<Node>('v1/nodes').map((node) => [node.metadata.name, node]))
  const addresses = pods.flatMap(({ status }) => status?.podIP ?? [])
  expect(new Set(addresses).size).toBe(addresses.length)
  for (const { metadata, spec, status } of pods) {
    const node = nodes.get(spec.nodeName)
    const isAlive = node && !node.metadata.annotations?.['kubedouble.dev/ready']
    if (metadata.deletionTimestamp) expect(isAlive).toBeFalsy()
    else if (isAlive) expect(status?.phase).toBe('Running')
    else if (!spec.nodeName) expect(status?.conditions?.some(({ reason }) => reason === 'Unschedulable')).toBe(true)
  }
  for (const { metadata } of cluster.list<KubeObject>('v1/namespaces')) {
    if (metadata.deletionTimestamp) expect(pods.some((pod) => pod.metadata.namespace === metadata.name)).toBe(true)
    else expect(cluster.get('v1/serviceaccounts', 'default', metadata.name)).toBeDefined()
  }
}

it('comes to rest after any story, with nothing left to write', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 25 }), async (story) => {
      const cluster = openTestCluster({ nodes: 4 })
      for (let where = 0; where < 4; where++) cluster.create('v1/namespaces', { metadata: { name: namespaceOf(where) } })
      await cluster.settled()
      for (const step of story) await perform(cluster, step)
      await cluster.settled()
      expect(cluster.failures).toEqual([])
      expect(cluster.replan()).toEqual([])
      expectOrder(cluster)
      cluster.close()
    }),
    { numRuns: 60, seed: 20261126 },
  )
})
