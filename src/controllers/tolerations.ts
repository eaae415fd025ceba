// Which taints of nodes a pod puts up with.
// Upstream: component-helpers/scheduling/corev1/helpers.go
import type { Node, Pod, Taint, Toleration } from '../resources/index.js'

export function tolerates(toleration: Toleration, taint: Taint): boolean {
  const { key = '', operator = 'Equal', value = '', effect = '' } = toleration
  if (effect && effect !== taint.effect) return false
  if (key && key !== taint.key) return false
  return operator === 'Exists' || (operator === 'Equal' && key !== '' && value === (taint.value ?? ''))
}

/** Taints with one of these effects that the pod does not tolerate. */
export function untolerated({ spec }: Pod, node: Node, effects: readonly string[]): readonly Taint[] {
  const { taints } = node.spec
  if (!taints?.length) return none
  const { tolerations = [] } = spec
  return taints.filter((taint) => effects.includes(taint.effect) && !tolerations.some((toleration) => tolerates(toleration, taint)))
}

const none: readonly Taint[] = []
