// Waiting until a cluster has done what there was to do.
import { pause } from '../measuring/rounds.mjs'

// Each look goes over all pods: more of them would measure themselves.
const pollMillis = 500
// A busy machine takes long; one that writes nothing more will not settle.
const stallMillisMax = 60_000
const giveUpMillis = 1_800_000

/** Waits until so many pods of a namespace run and so many endpoints are ready. */
export async function settled({ api, namespace, note }, { pods, endpoints }) {
  const began = performance.now()
  let [revision, movedAt, saidAt] = [0, began, began]
  for (;;) {
    const running = await runningPods(api, namespace, pods)
    if (running === pods && (await readyEndpoints(api, namespace)) === endpoints) return
    const [now, next] = [performance.now(), await api.revision()]
    if (next !== revision) [revision, movedAt] = [next, now]
    if (now - movedAt > stallMillisMax) throw new Error(`nothing was written for ${stallMillisMax / 1000} s, and it is not settled`)
    if (now - began > giveUpMillis) throw new Error(`not settled after ${giveUpMillis / 1000} s`)
    if (now - saidAt > 10_000) {
      saidAt = now
      note(`${revision} rows after ${Math.round((now - began) / 1000)} s`)
    }
    await pause(pollMillis)
  }
}

/** @returns how many, or -1 while some do not run */
async function runningPods(api, namespace) {
  const path = `/api/v1/namespaces/${namespace}/pods`
  const { items } = await api.get(`${path}?fieldSelector=status.phase!%3DRunning&limit=1`)
  if (items.length) return -1
  const all = await api.get(`${path}?limit=1`)
  return all.items.length + (all.metadata.remainingItemCount ?? 0)
}

export async function readyEndpoints(api, namespace) {
  const { items } = await api.get(`/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`)
  return readyIn(items)
}

export function readyIn(slices) {
  let ready = 0
  for (const { endpoints } of slices) for (const { conditions } of endpoints ?? []) if (conditions.ready) ready++
  return ready
}
