// What a plain YAML scalar means: `yes` is true, `0644` is 420, `2026-01-02` is just text.
// Upstream: sigs.k8s.io/yaml/goyaml.v2/resolve.go

const named = new Map<string, boolean | number | null>([
  ...['', '~', 'null', 'Null', 'NULL'].map((text) => [text, null] as const),
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((text) => [text, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((text) => [text, false] as const),
  ...['.nan', '.NaN', '.NAN'].map((text) => [text, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((text) => [text, Number.POSITIVE_INFINITY] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((text) => [text, Number.NEGATIVE_INFINITY] as const),
])

const numberStart = /^[-+.0-9]/
const decimal = /^[-+]?(0|[1-9][0-9]*)$/
const based = /^([-+]?)0(?:x([0-9a-fA-F]+)|b([01]+)|o?([0-7]+))$/
const float = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/

/** The value of an unquoted scalar; a text that is nothing else is itself. */
export function resolvePlain(text: string): string | number | boolean | null {
  const value = named.get(text)
  if (value !== undefined) return value
  if (!numberStart.test(text)) return text
  const digits = text.includes('_') ? text.replaceAll('_', '') : text
  if (decimal.test(digits)) return Number(digits)
  const [, sign, hexadecimal, binary, octal] = digits.match(based) ?? []
  if (sign !== undefined) {
    const magnitude = hexadecimal ? Number.parseInt(hexadecimal, 16) : binary ? Number.parseInt(binary, 2) : Number.parseInt(octal, 8)
    return sign === '-' ? -magnitude : magnitude
  }
  return float.test(digits) ? Number(digits) : text
}

const timestamp = /^\d{4}-\d{1,2}-\d{1,2}([Tt]\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?([Zz]|[-+]\d{1,2}:\d{2})?| \d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?)?$/
const sexagesimal = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/

/** Whether a text, unquoted, would be read as something else by some YAML reader. */
export function needsQuotes(text: string): boolean {
  return typeof resolvePlain(text) !== 'string' || text === '<<' || timestamp.test(text) || sexagesimal.test(text)
}
