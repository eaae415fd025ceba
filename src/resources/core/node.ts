// Node: a machine for pods, described by its kubelet.
// Upstream: pkg/registry/core/node/strategy.go, Convert_v1_NodeSpec_To_core_NodeSpec
import { cidrWarnings } from '../../machinery/index.js'
import { defineResource } from '../define-resource.js'
import type { Node } from '../shapes/core-v1.js'
import { nodeCells } from './node-cells.js'
import { validateNode, validateNodeChange } from './node-validation.js'

export const node = defineResource<Node>('v1/nodes', {
  cells: nodeCells,
  selectableFields: { 'spec.unschedulable': ({ spec }) => String(spec.unschedulable ?? false) },
  metadataChecks: ['whole', 'change'],
  defaults: mirrorPodCIDR,
  // A kubelet registers its node as it is.
  keepsStatusOnCreate: true,
  prepareForCreate(draft) {
    delete draft.spec.configSource
    delete draft.status.config
  },
  prepareForUpdate(draft, old) {
    if (!old.spec.configSource) delete draft.spec.configSource
  },
  validate: validateNode,
  validateUpdate: (next, old) => [...validateNode(next), ...validateNodeChange(next, old)],
  validateStatusUpdate: validateNodeChange,
  subresourceHooks: {
    status: {
      update(draft, old) {
        if (!old.status.config) delete draft.status.config
        return undefined
      },
    },
  },
  warnings({ spec }) {
    const removed = spec.configSource ? ['spec.configSource: the feature is removed'] : []
    const unused = spec.externalID ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : []
    return [...removed, ...unused, ...(spec.podCIDRs ?? []).flatMap((cidr, index) => cidrWarnings(`spec.podCIDRs[${index}]`, cidr))]
  },
})

/** The older field is the first of the list; where both are given and differ, it wins. */
function mirrorPodCIDR({ spec }: Node): void {
  if (spec.podCIDR && spec.podCIDR !== spec.podCIDRs?.[0]) spec.podCIDRs = [spec.podCIDR]
  if (spec.podCIDRs?.length && spec.podCIDR !== spec.podCIDRs[0]) spec.podCIDR = spec.podCIDRs[0]
}
