// How much JSON an object makes, without making it: a small body can stand for a huge object once all is filled in.

// Quotes, colons and commas around a value.
const perValue = 3

/** Whether the JSON of a value would be longer. Looks at no more of the value than that. */
export function isJSONLongerThan(value: unknown, charactersMax: number): boolean {
  return remaining(value, charactersMax) < 0
}

// More than any value has; a small integer to V8, which then makes no objects for what is left.
const charactersMax = 2 ** 30

/** How many characters the JSON of a value has, more or less. */
export function roughJSONLength(value: unknown): number {
  return charactersMax - remaining(value, charactersMax)
}

/** How many characters the JSON of `after` has more than that of `before`, more or less. What is the very same in both is not looked at. */
export function roughJSONGrowth(before: unknown, after: unknown): number {
  if (before === after) return 0
  if (before === undefined || typeof before !== 'object' || typeof after !== 'object' || before === null || after === null)
    return lengthOf(after) - lengthOf(before)
  let growth = 0
  for (const key in after) {
    const [old, next] = [memberOf(before, key), (after as Members)[key]]
    if (old !== next) growth += roughJSONGrowth(old, next) + (old === undefined && !Array.isArray(after) ? key.length + perValue : 0)
  }
  for (const key in before) {
    const old = (before as Members)[key]
    if (old !== undefined && memberOf(after, key) === undefined) growth -= lengthOf(old) + (Array.isArray(before) ? 0 : key.length + perValue)
  }
  return growth
}

type Members = Record<string, unknown>

const memberOf = (object: object, key: string) => (Object.hasOwn(object, key) ? (object as Members)[key] : undefined)
const lengthOf = (value: unknown) => (value === undefined ? 0 : roughJSONLength(value))

function remaining(value: unknown, left: number): number {
  if (typeof value === 'string') return left - value.length - perValue
  if (typeof value !== 'object' || value === null) return left - perValue
  let rest = left - perValue
  if (Array.isArray(value)) {
    for (const each of value) {
      rest = remaining(each, rest)
      if (rest < 0) return rest
    }
    return rest
  }
  for (const key in value) {
    rest = remaining((value as Record<string, unknown>)[key], rest - key.length - perValue)
    if (rest < 0) return rest
  }
  return rest
}
