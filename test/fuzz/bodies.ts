// Bodies that are nearly right, in JSON, YAML and protobuf.
import { dump } from 'js-yaml'
import { canonicalize, encodeObject, isDecodeError, isObject, type Plain, type ResourceDefinition } from '../../src/machinery/index.js'
import { garbled, mutated } from '../support/chance.js'
import { type Chance, happens, oneOf } from './chance.js'
import { poison, poisonKeys, texts } from './values.js'

/** An object with one thing or another changed, and now and then with what could poison the objects of the server. */
export function mutatedObject(object: unknown, next: Chance): unknown {
  let result = object
  for (let count = 1 + next(3); count > 0; count--)
    result = happens(15, next) ? poisoned(result, next) : happens(12, next) ? withText(result, next) : mutated(result, next)
  return result
}

/** A copy in which an object somewhere has a member that means something to JavaScript. */
export function poisoned(value: unknown, next: Chance): unknown {
  if (Array.isArray(value) && value.length) {
    const at = next(value.length)
    return value.map((each, index) => (index === at ? poisoned(each, next) : each))
  }
  if (!isObject(value)) return value
  const inner = Object.keys(value).filter((key) => typeof value[key] === 'object' && value[key] !== null)
  if (inner.length && happens(60, next)) {
    const key = oneOf(inner, next)
    return { ...value, [key]: poisoned(value[key], next) }
  }
  const content = oneOf<unknown>([poison, 'x', null, [poison], { prototype: poison }, { constructor: { prototype: poison } }], next)
  const copy: Plain = { ...value }
  Object.defineProperty(copy, oneOf(poisonKeys, next), { value: content, enumerable: true, configurable: true, writable: true })
  return copy
}

/** A copy with one text somewhere replaced by a hard one. */
function withText(value: unknown, next: Chance): unknown {
  if (typeof value === 'string') return oneOf(texts, next)
  if (Array.isArray(value) && value.length) {
    const at = next(value.length)
    return value.map((each, index) => (index === at ? withText(each, next) : each))
  }
  if (!isObject(value) || !Object.keys(value).length) return value
  const key = oneOf(Object.keys(value), next)
  const copy: Plain = { ...value }
  Object.defineProperty(copy, key, { value: withText(value[key], next), enumerable: true, configurable: true, writable: true })
  return copy
}

const nested = (open: string, close: string, depth: number) => `${open.repeat(depth)}1${close.repeat(depth)}`

/** JSON that is nearly JSON. */
export function jsonBytes(value: unknown, isMutated: boolean, next: Chance): Buffer {
  const text = JSON.stringify(value) ?? 'null'
  if (!isMutated || happens(70, next)) return Buffer.from(text)
  switch (next(8)) {
    case 0:
      return garbled(Buffer.from(text), next)
    case 1:
      return Buffer.from(text.replace(/"metadata":/, `"metadata":${nested('{"a":', '}', oneOf([10, 900, 2000, 9000], next))},"metadata":`))
    case 2:
      return Buffer.from(text.replace(/\{/, '{"metadata":{"name":"twice"},"metadata":{},'))
    case 3:
      return Buffer.from(
        text.replace(/:\d+/g, () => `:${oneOf(['1e400', '-0', '1.0', '1e2', '0.1e1', '9'.repeat(30), '-9223372036854775809', '01', '+1', '.5'], next)}`),
      )
    case 4:
      return Buffer.from(
        text.replace(/"([a-z]+)":/i, (_whole, name: string) => `"${[...name].map((letter) => `\\u00${letter.charCodeAt(0).toString(16)}`).join('')}":`),
      )
    case 5:
      return Buffer.from(text + oneOf(['}', ' {}', '\u0000', ',', text], next))
    case 6:
      return Buffer.from(`${oneOf(['\ufeff', ' \n\t', '[', '"', '/* */', '\u0000'], next)}${text}`)
    default:
      return Buffer.from(nested('[', ']', oneOf([100, 5000, 50_000], next)))
  }
}

/** YAML that is nearly YAML. */
export function yamlBytes(value: unknown, isMutated: boolean, next: Chance): Buffer {
  let text: string
  try {
    text = dump(value ?? null, { noRefs: true, flowLevel: happens(20, next) ? 2 : -1, lineWidth: happens(20, next) ? 20 : 80 })
  } catch {
    text = JSON.stringify(value) ?? 'null'
  }
  if (!isMutated || happens(50, next)) return Buffer.from(text)
  const lines = text.split('\n')
  const at = next(lines.length)
  switch (next(8)) {
    case 0:
      lines[at] = `${' '.repeat(next(9))}${lines[at].trimStart()}`
      break
    case 1:
      lines[at] = lines[at].replace(': ', `: ${oneOf(['&a ', '*a ', '!!str ', '!!binary ', '!x ', '| ', '>- ', '? ', '- ', '{', "'", '"', '<<: *a #'], next)}`)
      break
    case 2:
      lines[at] = `\t${lines[at]}`
      break
    case 3:
      lines.splice(
        at,
        0,
        oneOf(
          [
            '---',
            '...',
            '%YAML 1.2',
            '<<: {a: b}',
            '__proto__: {polluted: "yes"}',
            'constructor: {prototype: {polluted: "yes"}}',
            '? [a, b]\n: c',
            '? {a: b}\n: c',
            '\u0000',
            '#'.repeat(999),
          ],
          next,
        ),
      )
      break
    case 4:
      lines.splice(at, 0, lines[at])
      break
    case 5:
      return garbled(Buffer.from(text), next)
    case 6:
      return Buffer.from(`a: &a [x, x]\nb: &b [*a, *a, *a, *a]\nc: &c [*b, *b, *b, *b]\nd: [*c, *c, *c, *c]\n${text}`)
    default:
      lines[at] = lines[at].replace(
        /: .*/,
        `: ${oneOf(['yes', 'NO', '~', '0o17', '0x1F', '1_000', '.inf', '.nan', '2026-01-02', '12:30:45', '1e3', '=', '<<', '""', '2001-12-14t21:59:43.10-05:00'], next)}`,
      )
  }
  return Buffer.from(lines.join('\n'))
}

/** A varint longer or larger than anybody needs. */
export const hugeVarint = (next: Chance) => Buffer.concat([Buffer.alloc(oneOf([4, 5, 9, 10, 15], next), 0xff), Buffer.of(oneOf([0x01, 0x7f, 0x00], next))])

/** A message with bits turned, pieces cut out, lengths that lie, or depths without end. */
export function mutatedMessage(message: Buffer, next: Chance): Buffer {
  const at = next(message.length + 1)
  const cut = () => [message.subarray(0, at), message.subarray(at)] as const
  switch (next(9)) {
    case 0:
      return message.subarray(0, at)
    case 1: {
      const copy = Buffer.from(message)
      for (let count = 1 + next(4); count > 0 && copy.length; count--) copy[next(copy.length)] ^= 1 << next(8)
      return copy
    }
    case 2: {
      const [head, tail] = cut()
      return Buffer.concat([head, hugeVarint(next), tail])
    }
    case 3: {
      const [head, tail] = cut()
      return Buffer.concat([head, tail.subarray(Math.min(tail.length, 1 + next(8)))])
    }
    case 4:
      // Fields nobody knows, of every wire type, groups included, and field 0.
      return Buffer.concat([
        message,
        oneOf(
          [
            Buffer.of(0xfa, 0x3f, 0x03, 1, 2, 3),
            Buffer.of(0xfb, 0x3f, 0xfc, 0x3f),
            Buffer.of(0xfb, 0x3f),
            Buffer.of(0x00, 0x01),
            Buffer.of(0x07),
            Buffer.of(0xfd, 0x3f, 1, 2, 3, 4),
            Buffer.of(0xf9, 0x3f, 1),
          ],
          next,
        ),
      ])
    case 5: {
      let deep = Buffer.alloc(0)
      for (let depth = oneOf([5, 50, 110, 500], next); depth > 0; depth--)
        deep = Buffer.concat([Buffer.of(oneOf([0x0a, 0x12, 0x1a, 0x2a], next)), varint(deep.length), deep])
      return Buffer.concat([message, deep])
    }
    case 6:
      return Buffer.concat([message, Buffer.of(0x12), hugeVarint(next)])
    case 7:
      return Buffer.concat([message, message.subarray(at)])
    default:
      return garbled(message, next)
  }
}

export function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.of(...bytes, rest)
    bytes.push((rest % 128) | 0x80)
  }
}

/** The envelope of an object, right or nearly so. Nothing where the object has no such form. */
export function protobufBytes(definition: ResourceDefinition, object: unknown, isMutated: boolean, next: Chance): Buffer | undefined {
  const canonical = canonicalize(definition.shape, isObject(object) ? object : {})
  if (isDecodeError(canonical)) return undefined
  const whole = Buffer.from(encodeObject(definition.shape, { apiVersion: '', kind: '', ...canonical.object }))
  if (!isMutated || happens(30, next)) return whole
  // The four bytes in front are known well: mostly what is behind them changes.
  return happens(90, next) ? Buffer.concat([whole.subarray(0, 4), mutatedMessage(whole.subarray(4), next)]) : mutatedMessage(whole, next)
}
