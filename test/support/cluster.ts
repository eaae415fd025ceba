// A small cluster for stories: registry, manager and controllers on a clock that the test moves on.

import { ManualClock } from '../../src/cluster/manual-clock.js'
import { type ControllerOptions, controllersOf, simulatedNodes } from '../../src/controllers/index.js'
import {
  type Controller,
  type DeleteOptions,
  deepCopy,
  type KubeObject,
  type Plain,
  type ResourceDefinition,
  StatusError,
  systemUser,
} from '../../src/machinery/index.js'
import { Manager, type ManagerLogger } from '../../src/manager/index.js'
import { create, get, patch, type Realm, remove, update, type WriteCall } from '../../src/registry/index.js'
import { builtInResources, node } from '../../src/resources/index.js'
import { openRealm } from './realm.js'
import { replan } from './replan.js'

export interface TestCluster {
  readonly realm: Realm
  readonly clock: ManualClock
  readonly manager: Manager
  /** What controllers failed with. */
  readonly failures: unknown[]
  /** `resource` is the key of its definition: `v1/pods`. The namespace is `default` unless the object names another. @throws {StatusError} */
  create<T = Plain>(resource: string, object: Plain): T
  /** Nothing when it is not there. */
  get<T = Plain>(resource: string, name: string, namespace?: string): T | undefined
  list<T = Plain>(resource: string, namespace?: string): T[]
  /** Reads, lets `edit` change a copy and writes it back. */
  change(resource: string, name: string, edit: (object: Plain) => void, options?: { namespace?: string; subresource?: string }): Plain
  patch(resource: string, name: string, merge: Plain, options?: { namespace?: string; subresource?: string }): Plain
  delete(resource: string, name: string, options?: DeleteOptions & { namespace?: string }): void
  /** Resolves when nothing is left to do at this time. */
  settled(): Promise<void>
  /** What controllers would still write if they looked at everything once more. */
  replan(): string[]
  /** Moves time on, in the steps in which something falls due, and settles after each. */
  advance(millis: number): Promise<void>
  close(): void
}

export interface TestClusterOptions extends Partial<ControllerOptions> {
  /** How many nodes are simulated. */
  nodes?: number
  /** Names of the controllers that run; all when absent. */
  only?: readonly string[]
  /** Controllers in place of the product's. */
  controllers?: readonly Controller[]
  /** A file; in memory when absent. */
  data?: string
  clock?: ManualClock
}

export const firstMoment = Date.parse('2026-11-22T11:05:39Z')

const systemNamespaces = ['default', 'kube-system', 'kube-node-lease']

export function openTestCluster({
  nodes = 0,
  only,
  controllers,
  data,
  clock = new ManualClock(firstMoment),
  ...options
}: TestClusterOptions = {}): TestCluster {
  const { realm } = openRealm({ clock, data })
  const failures: unknown[] = []
  const logger: ManagerLogger = { error: (details) => failures.push((details as { err: unknown }).err) }
  const known = controllers ?? controllersOf({ maxEndpointsPerSlice: 100, clusterCA: 'the CA', issueToken: (claims) => JSON.stringify(claims), ...options })
  const running = known.filter(({ name }) => !only || only.includes(name))
  const manager = new Manager({ realm, controllers: running, clock, logger })
  const cluster = verbsOf(realm, { clock, manager, failures, replan: () => replan(realm, running) })
  for (const name of systemNamespaces) cluster.create('v1/namespaces', { metadata: { name } })
  for (const object of simulatedNodes(nodes)) create(realm, callOf(node, '', ''), { value: object })
  manager.start()
  return cluster
}

type Parts = Pick<TestCluster, 'clock' | 'manager' | 'failures' | 'replan'>

function verbsOf(realm: Realm, parts: Parts): TestCluster {
  const { clock, manager } = parts
  const where = (resource: string, name: string, { namespace = 'default', subresource = '' } = {}) =>
    callOf(definitionOf(resource), name, namespace, subresource)
  const cluster: TestCluster = {
    realm,
    ...parts,
    create: <T>(resource: string, object: Plain) => create(realm, where(resource, '', object.metadata), { value: object }).object as T,
    get: <T>(resource: string, name: string, namespace?: string) => present(() => get(realm, where(resource, name, { namespace })).object) as T | undefined,
    list: <T>(resource: string, namespace?: string) => realm.store.list(definitionOf(resource).storedAs.key, namespace).map(({ object }) => object as T),
    change(resource, name, edit, options) {
      const call = where(resource, name, options)
      const object = deepCopy(get(realm, call).object) as Plain
      edit(object)
      return update(realm, call, { value: object }).object as Plain
    },
    patch: (resource, name, merge, options) => patch(realm, where(resource, name, options), { type: 'merge', body: { value: merge } }).object as Plain,
    delete(resource, name, { namespace, ...options } = {}) {
      remove(realm, where(resource, name, { namespace }), options)
    },
    settled: () => manager.settled(),
    async advance(millis) {
      const end = clock.now() + millis
      await manager.settled()
      for (let due = clock.nextDue; due !== undefined && due <= end; due = clock.nextDue) {
        clock.advance(due - clock.now())
        await manager.settled()
      }
      clock.advance(end - clock.now())
      await manager.settled()
    },
    close: () => manager.stop(),
  }
  return cluster
}

function definitionOf(resource: string): ResourceDefinition {
  const definition = builtInResources.find(({ key }) => key === resource)
  if (!definition) throw new Error(`no such resource: ${resource}`)
  return definition
}

function callOf(definition: ResourceDefinition, name: string, namespace: string, subresource = ''): WriteCall {
  const place = definition.namespaced ? namespace : ''
  return { definition, namespace: place, name, subresource, user: systemUser, warn() {}, options: { fieldManager: 'test' } }
}

function present(read: () => KubeObject): KubeObject | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof StatusError && error.status.reason === 'NotFound') return undefined
    throw error
  }
}
