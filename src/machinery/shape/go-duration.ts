// Durations as Go prints them, `1h30m0s`, and as protobuf counts them, in nanoseconds.

const nanoseconds: Record<string, number> = { h: 3600e9, m: 60e9, s: 1e9, ms: 1e6, us: 1e3, µs: 1e3, ns: 1 }

/** 0 for what is no duration. */
export function nanosecondsOf(text: string): number {
  let sum = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(h|ms|us|µs|ns|m|s)/g)) sum += Number(amount) * nanoseconds[unit]
  return Math.round(text.startsWith('-') ? -sum : sum)
}

/** Upstream: Go's time.Duration.String */
export function formatDuration(value: number): string {
  const sign = value < 0 ? '-' : ''
  const size = Math.abs(value)
  if (size === 0) return '0s'
  if (size < 1e3) return `${sign}${size}ns`
  if (size < 1e6) return `${sign}${size / 1e3}µs`
  if (size < 1e9) return `${sign}${size / 1e6}ms`
  const seconds = (size % 60e9) / 1e9
  const minutes = Math.floor(size / 60e9)
  if (minutes === 0) return `${sign}${seconds}s`
  return `${sign}${minutes < 60 ? '' : `${Math.floor(minutes / 60)}h`}${minutes % 60}m${seconds}s`
}
