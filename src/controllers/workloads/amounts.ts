// Numbers of pods that may be given as a share of all of them.
// Upstream: apimachinery/pkg/util/intstr GetScaledValueFromIntOrPercent

/** @param round which way a share is rounded */
export function scaledAmount(amount: number | string | undefined, total: number, round: 'up' | 'down'): number {
  if (amount === undefined) return 0
  if (typeof amount === 'number') return amount
  const share = (Number.parseInt(amount, 10) * total) / 100
  return round === 'up' ? Math.ceil(share) : Math.floor(share)
}
