// A Scale as a Table: the columns are facts of the subresource, the cells are the same for every kind that scales.
// Upstream: kubernetes/pkg/printers/internalversion/printers.go printScale
import type { ResourceDefinition, SubresourceFacts } from '../machinery/index.js'

const views = new WeakMap<SubresourceFacts, ResourceDefinition>()

/** The definition seen through its scale: what lays out Tables asks nothing else of it. */
export function scaleView(definition: ResourceDefinition, subresource: SubresourceFacts): ResourceDefinition {
  let view = views.get(subresource)
  if (!view) {
    view = {
      ...definition,
      columns: subresource.columns,
      rowConditions: undefined,
      cells: { Desired: (scale) => scale.spec.replicas ?? 0, Available: (scale) => scale.status.replicas },
    }
    views.set(subresource, view)
  }
  return view
}
