import { defineResource } from '../define-resource.js'
import { nodeCells } from './node-cells.js'
import type { Node } from '../shapes/core-v1.js'

export const node = defineResource<Node>('v1/nodes', {
  cells: nodeCells,
  selectableFields: { 'spec.unschedulable': ({ spec }) => String(spec.unschedulable ?? false) },
})
