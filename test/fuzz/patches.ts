// Patches of all four kinds that are nearly right.
import { isObject, type Plain } from '../../src/machinery/index.js'
import { mutatedObject } from './bodies.js'
import { type Chance, happens, oneOf } from './chance.js'
import { poison, texts } from './values.js'

/** @param object what the patch is about, as far as it is known */
export function patchValue(contentType: string, object: Plain, isMutated: boolean, next: Chance): unknown {
  if (contentType.startsWith('application/json-patch')) return jsonPatch(object, isMutated, next)
  const part = partOf(object, next)
  if (contentType.startsWith('application/apply-patch')) {
    const { apiVersion, kind, metadata } = object
    const configuration = { ...part, apiVersion, kind, metadata: { name: metadata?.name, ...(isObject(part.metadata) ? part.metadata : {}) } }
    return isMutated ? mutatedObject(configuration, next) : configuration
  }
  const isStrategic = contentType.startsWith('application/strategic')
  const change = isMutated ? mutatedObject(part, next) : part
  return isStrategic && isMutated && happens(50, next) ? directed(change, next) : change
}

/** Some of the members of an object, and of those inside. */
function partOf(object: Plain, next: Chance): Plain {
  const part: Plain = {}
  for (const key of Object.keys(object)) {
    if (key === 'apiVersion' || key === 'kind' || happens(40, next)) continue
    part[key] = isObject(object[key]) && happens(60, next) ? partOf(object[key], next) : object[key]
  }
  if (happens(30, next)) part.metadata = { ...part.metadata, labels: { [`label-${next(4)}`]: oneOf(['', 'a', 'b', `${next(100)}`], next) } }
  if (happens(5, next)) part.metadata = { ...part.metadata, finalizers: oneOf<unknown>([['example.com/kept'], [], null], next) }
  if (happens(10, next)) part.metadata = { ...part.metadata, annotations: { 'example.com/note': oneOf<unknown>(['', null, 'x'], next) } }
  return part
}

const directives: readonly ((key: string, value: unknown) => Plain)[] = [
  () => ({ $patch: 'delete' }),
  () => ({ $patch: 'replace' }),
  () => ({ $patch: 'merge' }),
  () => ({ $patch: '__proto__' }),
  () => ({ $patch: null }),
  (key) => ({ $retainKeys: [key, 'constructor'] }),
  () => ({ $retainKeys: 'x' }),
  (key) => ({ [`$setElementOrder/${key}`]: [{ name: 'b' }, { name: 'a' }] }),
  (key) => ({ [`$setElementOrder/${key}`]: 'x' }),
  (key) => ({ [`$setElementOrder/${key}`]: ['a', 1, null] }),
  (key) => ({ [`$deleteFromPrimitiveList/${key}`]: ['a'] }),
  () => ({ '$deleteFromPrimitiveList/__proto__': ['a'] }),
  () => ({ '$setElementOrder/__proto__': [{ name: 'a' }] }),
  (key, value) => ({ [key]: Array.isArray(value) ? [{ $patch: 'delete', name: 'a' }, { $patch: 'replace' }] : [value] }),
]

/** With a directive somewhere. */
function directed(value: unknown, next: Chance): unknown {
  if (Array.isArray(value))
    return happens(30, next)
      ? [...value, { $patch: oneOf(['delete', 'replace', 'x'], next) }]
      : value.map((each) => (happens(40, next) ? directed(each, next) : each))
  if (!isObject(value)) return value
  const keys = Object.keys(value)
  const key = keys.length ? oneOf(keys, next) : 'containers'
  if (keys.length && happens(65, next)) {
    const copy: Plain = { ...value }
    Object.defineProperty(copy, key, { value: directed(value[key], next), enumerable: true, configurable: true, writable: true })
    return copy
  }
  return { ...value, ...oneOf(directives, next)(key, value[key]) }
}

const strangePaths = [
  '',
  '/',
  '/-',
  'x',
  '//',
  '/~',
  '/~2',
  '/~0~1',
  '/__proto__',
  '/__proto__/polluted',
  '/constructor/prototype/polluted',
  '/metadata/__proto__',
  '/metadata/labels/__proto__',
  '/metadata/finalizers/-',
  '/metadata/finalizers/99999999',
  '/metadata/finalizers/-1',
  '/metadata/finalizers/01',
  '/metadata/labels/a~1b',
  '/metadata/name',
  '/metadata/namespace',
  '/metadata/uid',
  '/metadata/resourceVersion',
  '/kind',
  '/apiVersion',
  '/status',
  '/spec',
]

function jsonPatch(object: Plain, isMutated: boolean, next: Chance): unknown {
  const known = pointersOf(object)
  const place = () => (happens(isMutated ? 40 : 5, next) ? oneOf(strangePaths, next) : oneOf(known, next))
  const operations = Array.from({ length: 1 + next(5) }, () => {
    const op = oneOf(['add', 'add', 'replace', 'replace', 'remove', 'test', 'move', 'copy'], next)
    const path = happens(30, next) && !isMutated ? '/metadata/labels' : place()
    const value =
      path === '/metadata/labels'
        ? { a: `${next(50)}` }
        : happens(50, next)
          ? valueAt(object, path)
          : oneOf<unknown>([...texts, 1, null, [], {}, poison, [poison], true], next)
    return { op, path, ...(op === 'move' || op === 'copy' ? { from: place() } : {}), ...(op === 'remove' ? {} : { value: value ?? null }) }
  })
  if (!isMutated || happens(70, next)) return operations
  return happens(80, next) ? mutatedObject(operations, next) : oneOf<unknown>([operations[0], { operations }, [operations], [null], ['x'], []], next)
}

const pointersMax = 200

function pointersOf(object: unknown, at = '', found: string[] = []): string[] {
  if (found.length >= pointersMax || typeof object !== 'object' || object === null) return found
  for (const [key, value] of Object.entries(object)) {
    const pointer = `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    found.push(pointer)
    pointersOf(value, pointer, found)
  }
  return found
}

function valueAt(object: unknown, pointer: string): unknown {
  let value = object
  for (const key of pointer.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Plain)[key]
  }
  return value
}
