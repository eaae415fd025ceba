// Times as the API writes them. Time has whole seconds, MicroTime has six digits.

/** `2026-01-02T03:04:05Z`. @param millis milliseconds since the epoch */
export function formatTime(millis: number): string {
  const second = Math.floor(millis / 1000)
  if (second !== lastSecond) {
    lastText = `${new Date(millis).toISOString().slice(0, 19)}Z`
    lastSecond = second
  }
  return lastText
}

// A busy second is written thousands of times.
let lastSecond = Number.NaN
let lastText = ''

/** `2026-01-02T03:04:05.678000Z` */
export function formatMicroTime(millis: number): string {
  return `${new Date(millis).toISOString().slice(0, 23)}000Z`
}

/**
 * How long ago, as tables print it: `45s`, `2m5s`, `3h`, `2d1h`, `1y2d`.
 * Upstream: apimachinery/pkg/util/duration/duration.go HumanDuration
 */
export function humanDuration(millis: number): string {
  const seconds = Math.trunc(millis / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.trunc(seconds / 60)
  if (minutes < 10) return withRest(minutes, 'm', seconds % 60, 's')
  if (minutes < 180) return `${minutes}m`
  const hours = Math.trunc(minutes / 60)
  if (hours < 8) return withRest(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  const days = Math.trunc(hours / 24)
  if (hours < 192) return withRest(days, 'd', hours % 24, 'h')
  if (days < 730) return `${days}d`
  const years = Math.trunc(days / 365)
  return hours < 24 * 365 * 8 ? withRest(years, 'y', days % 365, 'd') : `${years}y`
}

function withRest(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small ? `${large}${largeUnit}${small}${smallUnit}` : `${large}${largeUnit}`
}

/** The age of an object, or `<unknown>`. */
export function age(timestamp: string | null | undefined, now: number): string {
  return timestamp ? humanDuration(now - Date.parse(timestamp)) : '<unknown>'
}
