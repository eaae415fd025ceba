// Comparison of an answer with the recorded one: every member, every element, and the order of both.
import { isObject } from '../../src/machinery/index.js'
import type { Answer } from './recording.js'

// Such messages name types of the Go program that wrote them; nobody else would.
const namesGoTypes = /Go struct field|Go value of type|pkg\/runtime\/scheme\.go|core\.\w+\)|json parse error/
const shownMax = 160
const leadMax = 40

/** One line for each place in which the answers differ. */
export function differencesOfAnswers(expected: Answer, got: Answer): string[] {
  const message = isObject(expected.body) && typeof expected.body.message === 'string' ? expected.body.message : ''
  if (namesGoTypes.test(message)) return differences(outlineOf(expected), outlineOf(got))
  const found = differences(expected, got)
  return found.length ? found : differencesOfOrder(expected, got)
}

function outlineOf({ code, headers, body }: Answer): Answer {
  const status = isObject(body) ? { kind: body.kind, status: body.status, reason: body.reason, code: body.code } : body
  return { code, headers, body: withoutUndefined(status) }
}

/** As JSON says it: what is undefined is not there. */
export function withoutUndefined<T>(value: T): T {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T)
}

/** Differences of two JSON values, `expected` from the real API, whatever the order of members. */
export function differences(expected: unknown, got: unknown, at = ''): string[] {
  if (Array.isArray(expected) && Array.isArray(got)) {
    const lengths = expected.length === got.length ? [] : [`${at}: expected ${expected.length} elements, got ${got.length}`]
    const shared = expected.slice(0, got.length)
    return [...lengths, ...shared.flatMap((each, index) => differences(each, got[index], `${at}[${index}]`))]
  }
  if (!isObject(expected) || !isObject(got)) return Object.is(expected, got) ? [] : [`${at}: ${contrast(expected, got)}`]
  return [...new Set([...Object.keys(expected), ...Object.keys(got)])].flatMap((name) => {
    if (!(name in got)) return [`${at}.${name}: missing, expected ${shown(expected[name])}`]
    if (!(name in expected)) return [`${at}.${name}: unexpected ${shown(got[name])}`]
    return differences(expected[name], got[name], `${at}.${name}`)
  })
}

/** Of two values that are equal otherwise: where members stand in another order. */
export function differencesOfOrder(expected: unknown, got: unknown, at = ''): string[] {
  if (Array.isArray(expected)) return expected.flatMap((each, index) => differencesOfOrder(each, (got as unknown[])[index], `${at}[${index}]`))
  if (!isObject(expected)) return []
  const [wanted, actual] = [Object.keys(expected), Object.keys(got as object)].map((names) => names.join(', '))
  if (wanted !== actual) return [`${at}: expected members in the order ${wanted}, got ${actual}`]
  return Object.entries(expected).flatMap(([name, each]) => differencesOfOrder(each, (got as Record<string, unknown>)[name], `${at}.${name}`))
}

function contrast(expected: unknown, got: unknown): string {
  const [wanted, actual] = [JSON.stringify(expected) ?? 'nothing', JSON.stringify(got) ?? 'nothing']
  let start = 0
  while (start < wanted.length && wanted[start] === actual[start]) start++
  // Of long texts the part that matters, with a few words before it.
  const from = Math.max(wanted.length, actual.length) > shownMax ? Math.max(0, start - leadMax) : 0
  return `expected ${cut(wanted, from)}, got ${cut(actual, from)}`
}

const shown = (value: unknown) => cut(JSON.stringify(value) ?? 'nothing', 0)

function cut(text: string, from: number): string {
  return `${from ? '…' : ''}${text.slice(from, from + shownMax)}${text.length > from + shownMax ? '…' : ''}`
}
