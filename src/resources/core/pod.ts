// Pod: containers that live and die together on one node.
// Upstream: pkg/registry/core/pod/strategy.go
import { defineResource } from '../define-resource.js'
import type { Pod } from '../shapes/core-v1.js'
import { podBinding } from './pod-binding.js'
import { podCells, podRowConditions } from './pod-cells.js'
import { defaultPod } from './pod-defaults.js'
import { podEviction } from './pod-eviction.js'
import { podEphemeralContainers, podResize } from './pod-parts.js'
import { initialStatus, settleStatus, validatePodStatus } from './pod-status.js'
import { validatePodUpdate } from './pod-update.js'
import { validatePod } from './pod-validation.js'
import { podWarnings } from './pod-warnings.js'

export const pod = defineResource<Pod>('v1/pods', {
  cells: podCells,
  rowConditions: podRowConditions,
  selectableFields: {
    'spec.host': ({ spec }) => spec.nodeName ?? '',
    'spec.hostNetwork': ({ spec }) => String(spec.hostNetwork ?? false),
    'status.podIPs': () => '',
  },
  defaults: defaultPod,
  prepareForCreate(draft, { now }) {
    const { terminationGracePeriodSeconds: grace } = draft.spec
    if (grace !== undefined && grace < 0) draft.spec.terminationGracePeriodSeconds = 1
    draft.status = initialStatus(draft, now)
  },
  validate: validatePod,
  validateUpdate: validatePodUpdate,
  validateStatusUpdate: validatePodStatus,
  warnings: podWarnings,
  graceSeconds,
  subresourceHooks: {
    status: {
      update(draft, old) {
        settleStatus(draft, old)
        return undefined
      },
    },
    binding: podBinding,
    eviction: podEviction,
    ephemeralcontainers: podEphemeralContainers,
    resize: podResize,
  },
})

// Who runs nowhere, or no longer, needs no time to stop. Upstream: podStrategy CheckGracefulDelete
function graceSeconds({ spec, status }: Pod, asked: number | undefined): number {
  if (!spec.nodeName || status?.phase === 'Succeeded' || status?.phase === 'Failed') return 0
  const seconds = asked ?? spec.terminationGracePeriodSeconds ?? 0
  return seconds < 0 ? 1 : seconds
}
