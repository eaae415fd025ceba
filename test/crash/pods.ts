// Whether controllers go on with what they were in the middle of: pods, their addresses, and the endpoints that follow from them.
import type { Plain } from '../../src/machinery/index.js'
import { definitionOf, restWire } from '../grpc/wire.js'
import type { Checks } from './checks.js'
import { namespace } from './kinds.js'

export const podPromises = {
  settled: 'controllers finish what they were in the middle of',
  addresses: 'no two pods share an address',
} as const

const settleMillisMax = 15_000
/** After the moment at which a pod was to be gone. */
const leavingMillisMax = 3000

export async function inspectPods(http: string, checks: Checks): Promise<void> {
  const deadline = performance.now() + settleMillisMax
  for (;;) {
    const found = await look(http)
    const unfinished = whatIsUnfinished(found)
    if (unfinished === undefined || performance.now() > deadline) {
      checks.hold(podPromises.settled, unfinished === undefined, () => unfinished as string)
      const ips = found.pods.flatMap(({ status }) => status.podIP ?? [])
      checks.hold(podPromises.addresses, new Set(ips).size === ips.length, () => ips.join(' '))
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

interface Found {
  pods: Plain[]
  sets: Plain[]
  endpoints: Plain[]
}

async function look(http: string): Promise<Found> {
  const rest = restWire(http)
  const items = async (key: string, labelSelector: string): Promise<Plain[]> => (await rest.list(definitionOf(key), { namespace, labelSelector })).items
  const [pods, sets, slices] = await Promise.all([
    items('v1/pods', 'app=fleet'),
    items('apps/v1/replicasets', 'app=fleet'),
    items('discovery.k8s.io/v1/endpointslices', 'kubernetes.io/service-name=fleet-web'),
  ])
  return { pods, sets, endpoints: slices.flatMap((slice) => slice.endpoints ?? []) }
}

function whatIsUnfinished({ pods, sets, endpoints }: Found): string | undefined {
  const staying = pods.filter(({ metadata }) => !metadata.deletionTimestamp)
  const waiting = staying.find(({ status }) => status.phase !== 'Running')
  if (waiting) return `this pod should run: ${JSON.stringify(waiting)}`
  const late = pods.find(({ metadata }) => Date.parse(metadata.deletionTimestamp) < Date.now() - leavingMillisMax)
  if (late) return `this pod should be gone: ${JSON.stringify(late)}`
  const short = sets.find(({ metadata, spec, status }) => {
    const owned = staying.filter(({ metadata: { labels } }) => labels.set === metadata.name).length
    return owned !== spec.replicas || (status.readyReplicas ?? 0) !== spec.replicas
  })
  if (short) return `set ${JSON.stringify(short)}`
  const wanted = staying.map(({ status }) => status.podIP).sort()
  const told = endpoints.flatMap(({ addresses, conditions }) => (conditions.ready ? addresses : [])).sort()
  return JSON.stringify(wanted) === JSON.stringify(told) ? undefined : `pods have ${wanted}, slices ${told}`
}
