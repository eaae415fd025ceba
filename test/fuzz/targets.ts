// Targets: paths and queries that are nearly right.
import { type Chance, happens, oneOf } from './chance.js'
import { booleans, durations, fieldTexts, integers, labelTexts, mark, pathPieces, poisonKeys, texts } from './values.js'

/** A path with a piece put in, left out, doubled or replaced. */
export function mutatedPath(path: string, next: Chance): string {
  const pieces = path.split('/')
  for (let count = 1 + next(2); count > 0; count--) {
    const at = 1 + next(pieces.length)
    switch (next(6)) {
      case 0:
        pieces.splice(at, 1)
        break
      case 1:
        pieces.splice(at, 0, pieces[at] ?? 'x')
        break
      case 2:
        pieces.splice(at, 0, oneOf(pathPieces, next))
        break
      case 3:
        pieces[at] = (pieces[at] ?? '') + oneOf(pathPieces, next)
        break
      default:
        pieces[at] = oneOf(pathPieces, next)
    }
  }
  const joined = pieces.join('/')
  if (happens(3, next)) return `http://other.example${joined}`
  return happens(5, next) ? `/${joined}` : joined || '/'
}

/** Half a letter cannot be written. */
const wellFormed = (text: string) => Buffer.from(text).toString()

type Value = (next: Chance) => string
const from =
  (values: readonly string[]): Value =>
  (next) =>
    oneOf(values, next)

const options: readonly (readonly [name: string, value: Value])[] = [
  ['labelSelector', from(labelTexts)],
  ['fieldSelector', from(fieldTexts)],
  ['limit', from(integers)],
  ['continue', continueToken],
  ['resourceVersion', (next) => (happens(60, next) ? String(next(20_000)) : oneOf(integers, next))],
  ['resourceVersionMatch', from(['Exact', 'NotOlderThan', '', 'exact', '__proto__'])],
  ['timeoutSeconds', from(integers)],
  ['timeout', from(durations)],
  ['allowWatchBookmarks', from(booleans)],
  ['sendInitialEvents', from(booleans)],
  ['dryRun', from(['All', '', 'None', 'all', '__proto__'])],
  ['fieldManager', from(['kubectl', '', mark, 'x'.repeat(129), '\u0000', 'три', '__proto__', 'constructor'])],
  ['fieldValidation', from(['Strict', 'Warn', 'Ignore', '', 'strict', '__proto__'])],
  ['force', from(booleans)],
  ['pretty', from(booleans)],
  ['propagationPolicy', from(['Orphan', 'Background', 'Foreground', '', 'x', '__proto__'])],
  ['gracePeriodSeconds', from(integers)],
  ['orphanDependents', from(booleans)],
  ['includeObject', from(['None', 'Metadata', 'Object', '', 'x', '__proto__'])],
  ['export', from(booleans)],
  ['ignoreStoreReadErrorWithClusterBreakingPotential', from(booleans)],
  ['shardSelector', from(labelTexts)],
]

/** As a server makes it, with one thing or another changed. */
function continueToken(next: Chance): string {
  const token = {
    v: oneOf(['meta.k8s.io/v1', 'meta.k8s.io/v2', '', '__proto__'], next),
    rv: oneOf<unknown>([next(20_000), -1, 0, 1e300, '1', null], next),
    start: oneOf(['web\u0000', 'samples/web\u0000', '../x', '', '\u0000', 'x'.repeat(3000), '__proto__'], next),
    ...(happens(10, next) ? { __proto__: 1, constructor: { prototype: {} } } : {}),
  }
  const text = happens(10, next) ? oneOf(texts, next) : JSON.stringify(token)
  return Buffer.from(text)
    .toString(happens(80, next) ? 'base64url' : 'base64')
    .slice(0, happens(90, next) ? undefined : next(40))
}

/** Some options that a request may carry, and some that none has. */
export function someQuery(next: Chance): string {
  const parts: string[] = []
  for (let count = 1 + next(4); count > 0; count--) {
    const [name, value] = oneOf(options, next)
    const text = wellFormed(value(next))
    const key = happens(4, next) ? `${oneOf(poisonKeys, next)}[${name}]` : happens(2, next) ? oneOf(poisonKeys, next) : name
    parts.push(`${key}=${happens(95, next) ? encodeURIComponent(text) : text}`)
    if (happens(5, next)) parts.push(parts[0])
  }
  return happens(4, next) ? parts.join(oneOf(['&&', ';', '&=&', '&%&', '?'], next)) : parts.join('&')
}

/** Only what a request line can hold; the rest in percent. */
export function asTarget(text: string): string {
  return text.replace(/[^\x21-\x7e]+/g, (part) => [...Buffer.from(part)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''))
}

/** Whether an answer to it may go on for long. */
export const mayWatch = (target: string): boolean => {
  let text = target
  for (let round = 0; round < 2; round++) text = text.replace(/%([0-9a-f]{2})/gi, (_whole, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  return /watch/i.test(text)
}
