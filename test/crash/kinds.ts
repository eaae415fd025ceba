// Kinds that the fleet writes. Each write puts one stamp into many places of an object at once, so that half a write shows.
import type { Plain, ResourceDefinition } from '../../src/machinery/index.js'
import { definitionOf } from '../grpc/wire.js'

export interface FleetKind {
  readonly definition: ResourceDefinition
  /** Endings of stamps; what an object of that stamp looks like follows from it. */
  readonly endings: readonly string[]
  /** Whether controllers write it too: its revision may be newer than the one that was acknowledged. */
  isShared(object: Plain): boolean
  object(name: string, stamp: string): Plain
  /** A merge patch that brings any other stamp to this one; absent when no patch can. */
  change(stamp: string, before: string): Plain | undefined
  /** What is wrong with an object of this stamp. */
  flaw(object: Plain, stamp: string): string | undefined
}

export const namespace = 'default'
const endingOf = (stamp: string) => stamp.slice(stamp.lastIndexOf('-') + 1)
const marks = (stamp: string) => ({ labels: { stamp, app: 'fleet' }, annotations: { stamp } })
export const stampOf = (object: Plain): string => object.metadata.labels?.stamp ?? ''

function marksFlaw({ metadata }: Plain, stamp: string): string | undefined {
  return metadata.annotations?.stamp === stamp ? undefined : `its annotation is ${metadata.annotations?.stamp}`
}

// The lengths of a row that fits a page of the file, of one that fills it, and of one that runs over several.
const lengths: Record<string, number> = { s: 10, m: 3000, b: 20_000 }
const dataOf = (stamp: string) => ({ begin: stamp, middle: 'x'.repeat(lengths[endingOf(stamp)]), 'the-end': stamp })

const configMap: FleetKind = {
  definition: definitionOf('v1/configmaps'),
  endings: ['s', 's', 'm', 'b'],
  isShared: () => false,
  object: (name, stamp) => ({ kind: 'ConfigMap', apiVersion: 'v1', metadata: { name, namespace, ...marks(stamp) }, data: dataOf(stamp) }),
  change: (stamp) => ({ metadata: marks(stamp), data: dataOf(stamp) }),
  flaw: (object, stamp) =>
    marksFlaw(object, stamp) ?? (JSON.stringify(object.data) === JSON.stringify(dataOf(stamp)) ? undefined : 'its data is of another write'),
}

// Letters of the types: l is a balancer with a health check port of its own, h has no address, e is elsewhere.
const types: Record<string, string> = { c: 'ClusterIP', n: 'NodePort', l: 'LoadBalancer', h: 'ClusterIP', e: 'ExternalName' }

function serviceSpec(stamp: string): Plain {
  const ending = endingOf(stamp)
  const ports = [
    { name: 'http', port: 80 },
    { name: stamp, port: 81 },
  ]
  return {
    type: types[ending],
    ...(ending === 'e' ? { externalName: `${stamp}.example.com` } : { ports, selector: { app: 'fleet' } }),
    ...(ending === 'h' ? { clusterIP: 'None' } : {}),
    ...(ending === 'l' ? { externalTrafficPolicy: 'Local' } : {}),
  }
}

export const addressesOf = ({ spec }: Plain): string[] => (spec.clusterIPs ?? []).filter((ip: string) => ip !== 'None')
export const nodePortsOf = ({ spec }: Plain): number[] =>
  [...(spec.ports ?? []).map((port: Plain) => port.nodePort), spec.healthCheckNodePort].filter((port?: number) => port)

const service: FleetKind = {
  definition: definitionOf('v1/services'),
  endings: ['c', 'c', 'n', 'n', 'l', 'h', 'e'],
  isShared: ({ spec, metadata }) => spec.type === 'LoadBalancer' || metadata.finalizers !== undefined,
  object: (name, stamp) => ({ kind: 'Service', apiVersion: 'v1', metadata: { name, namespace, ...marks(stamp) }, spec: serviceSpec(stamp) }),
  change(stamp, before) {
    const [from, to] = [endingOf(before), endingOf(stamp)]
    if ([from, to].some((ending) => ending === 'h' || ending === 'e')) return undefined
    const policy = from === 'l' && to === 'c' ? { externalTrafficPolicy: null } : from === 'l' && to === 'n' ? { externalTrafficPolicy: 'Cluster' } : {}
    return { metadata: marks(stamp), spec: { ...serviceSpec(stamp), ...policy } }
  },
  flaw(object, stamp) {
    const { spec } = object
    const ending = endingOf(stamp)
    if (spec.type !== types[ending]) return `its type is ${spec.type}`
    if (ending === 'e' ? spec.externalName !== `${stamp}.example.com` : spec.ports[1].name !== stamp) return 'its spec is of another write'
    if (addressesOf(object).length !== ('cnl'.includes(ending) ? 1 : 0)) return `its addresses are ${spec.clusterIPs}`
    if (nodePortsOf(object).length !== (ending === 'l' ? 3 : ending === 'n' ? 2 : 0)) return `its node ports are ${nodePortsOf(object)}`
    return marksFlaw(object, stamp)
  },
}

const pod: FleetKind = {
  definition: definitionOf('v1/pods'),
  endings: ['p'],
  isShared: () => true,
  object: (name, stamp) => ({
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name, namespace, ...marks(stamp) },
    spec: { containers: [{ name: 'main', image: 'image' }], terminationGracePeriodSeconds: 1 },
  }),
  change: (stamp) => ({ metadata: marks(stamp) }),
  flaw: marksFlaw,
}

/** Stamps end in how many replicas are wanted. */
const replicaSet: FleetKind = {
  definition: definitionOf('apps/v1/replicasets'),
  endings: ['0', '1', '4', '9', '12'],
  isShared: () => true,
  object: (name, stamp) => ({
    kind: 'ReplicaSet',
    apiVersion: 'apps/v1',
    metadata: { name, namespace, ...marks(stamp) },
    spec: {
      replicas: Number(endingOf(stamp)),
      selector: { matchLabels: { set: name } },
      template: {
        metadata: { labels: { app: 'fleet', set: name } },
        spec: { containers: [{ name: 'main', image: 'image' }], terminationGracePeriodSeconds: 1 },
      },
    },
  }),
  change: (stamp) => ({ metadata: marks(stamp), spec: { replicas: Number(endingOf(stamp)) } }),
  flaw: (object, stamp) => (object.spec.replicas === Number(endingOf(stamp)) ? marksFlaw(object, stamp) : `it wants ${object.spec.replicas} replicas`),
}

export const fleetKinds = { configMap, service, pod, replicaSet }
