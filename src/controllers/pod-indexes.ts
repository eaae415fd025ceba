// Where pods are found by more than their names.
import { defineIndex } from '../machinery/index.js'
import { type Pod, pod } from '../resources/index.js'

export const podsByNode = defineIndex<Pod>({ definition: pod, values: ({ spec }) => (spec.nodeName ? [spec.nodeName] : []) })

/** Whether its containers have ended for good. */
export function isTerminal({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed'
}
