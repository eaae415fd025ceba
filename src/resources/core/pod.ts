import { defineResource } from '../define-resource.js'
import { podCells, podRowConditions } from './pod-cells.js'
import type { Pod } from '../shapes/core-v1.js'

export const pod = defineResource<Pod>('v1/pods', {
  cells: podCells,
  rowConditions: podRowConditions,
  selectableFields: {
    'spec.host': ({ spec }) => spec.nodeName ?? '',
    'spec.hostNetwork': ({ spec }) => String(spec.hostNetwork ?? false),
    'status.podIPs': () => '',
  },
})
