// What a pod asks for and is limited to, over all its containers and the way they follow each other.
// Upstream: component-helpers/resource/helpers.go PodRequests, PodLimits
import { parseQuantity, type Quantity } from '../../machinery/index.js'
import type { Container, Pod } from '../shapes/core-v1.js'

/** Amounts by resource name. */
export type Resources = Map<string, Quantity>

/** Requests of the whole pod; overhead is not in it. */
export function podRequests(pod: Pod): Resources {
  return podResources(pod, 'requests')
}

/** Limits of the whole pod; overhead is not in it. */
export function podLimits(pod: Pod): Resources {
  return podResources(pod, 'limits')
}

/** Reads `{ cpu: '500m' }`; what is no quantity is left out. */
export function readResources(texts: Readonly<Record<string, string>> | undefined): Resources {
  const resources: Resources = new Map()
  for (const name in texts) {
    const quantity = parseQuantity(texts[name])
    if (quantity) resources.set(name, quantity)
  }
  return resources
}

/** Adds amounts in place; the unit of the first stays. */
export function addResources(total: Resources, more: Resources): void {
  for (const [name, quantity] of more) {
    const present = total.get(name)
    total.set(name, present ? { ...present, nanos: present.nanos + quantity.nanos } : quantity)
  }
}

function podResources({ spec }: Pod, side: 'requests' | 'limits'): Resources {
  const total: Resources = new Map()
  for (const container of spec.containers ?? []) addResources(total, readResources(container.resources[side]))
  const peaks = initPeaks(spec.initContainers ?? [], side, total)
  raise(total, peaks)
  for (const [name, quantity] of readResources(spec.resources?.[side])) total.set(name, quantity)
  return total
}

/** Adds sidecars to `total`; returns the most that init containers use, each beside the sidecars before it. */
function initPeaks(initContainers: readonly Container[], side: 'requests' | 'limits', total: Resources): Resources {
  const sidecars: Resources = new Map()
  const peaks: Resources = new Map()
  for (const { resources, restartPolicy } of initContainers) {
    const own = readResources(resources[side])
    if (restartPolicy === 'Always') {
      addResources(sidecars, own)
      addResources(total, own)
      raise(peaks, sidecars)
    } else {
      addResources(own, sidecars)
      raise(peaks, own)
    }
  }
  return peaks
}

function raise(total: Resources, peaks: Resources): void {
  for (const [name, quantity] of peaks) {
    const present = total.get(name)
    if (!present || quantity.nanos > present.nanos) total.set(name, quantity)
  }
}
