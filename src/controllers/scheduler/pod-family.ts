// Pods that do the same work: those of one controller, or of the same labels. They are better spread than packed.
// Upstream: pkg/scheduler/framework/plugins/helper/spread.go DefaultSelector
// Differs: upstream takes the selectors of Services and controllers that match; the family is what these nearly always select.
import type { Pod } from '../../resources/index.js'

export function familyOf(pod: Pod): string {
  const known = families.get(pod)
  if (known !== undefined) return known
  const { namespace, labels = {}, ownerReferences } = pod.metadata
  const controller = ownerReferences?.find((reference) => reference.controller)
  // Labels that came with the node say nothing of the work.
  const own = Object.entries(labels).filter(([key]) => !key.startsWith('topology.kubernetes.io/'))
  const family = controller ? controller.uid : JSON.stringify([namespace, own.sort(([one], [other]) => (one < other ? -1 : 1))])
  families.set(pod, family)
  return family
}

const families = new WeakMap<Pod, string>()
