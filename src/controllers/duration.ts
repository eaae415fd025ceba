// Durations as annotations and flags write them.

const form = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h)$/
const unitMillis: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Milliseconds in `500ms`, `1.5s`, `2m`, `1h`; anything else says nothing. */
export function parseDuration(text: string | undefined): number | undefined {
  const [, amount, unit] = form.exec(text ?? '') ?? []
  return amount === undefined ? undefined : Number(amount) * unitMillis[unit]
}
