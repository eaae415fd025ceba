// Headless Services: without an address of their own, their names lead to the backends themselves.
// Upstream: pkg/apis/core/v1/helper IsServiceIPSet
import type { Service } from '../../resources/index.js'

/** Marks what is published for a headless Service. */
export const headlessLabel = 'service.kubernetes.io/headless'

export function isHeadless({ spec }: Service): boolean {
  return !spec.clusterIP || spec.clusterIP === 'None'
}
