// A patched object is made of parts of the stored one. Nothing that a write goes through may change these, whatever comes of the write: the
// store freezes what it holds, so whoever tries fails here.
import { expect, it } from 'vitest'
import { type Plain, StatusError, systemUser } from '../../src/machinery/index.js'
import { patch, type WriteCall } from '../../src/registry/index.js'
import { builtInResources } from '../../src/resources/index.js'
import { openRealm, testNamespace } from '../support/realm.js'
import { readSamples } from '../support/samples.js'

const samples = readSamples()
const { realm, create } = openRealm()

/** Every member and element below a value, as JSON pointers. */
function pointersIn(value: unknown, at = ''): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) => {
    const pointer = `${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
    return [pointer, ...pointersIn(member, pointer)]
  })
}

const valueAt = (object: unknown, pointer: string) =>
  pointer
    .split('/')
    .slice(1)
    .reduce((value, key) => (value as Plain)[key.replaceAll('~1', '/').replaceAll('~0', '~')], object)

/** Removes it, and where it is a scalar makes another of it. */
function changesOf(object: Plain, pointer: string): Plain[][] {
  const value = valueAt(object, pointer)
  const other = typeof value === 'string' ? 'other' : typeof value === 'number' ? value + 1 : typeof value === 'boolean' ? !value : undefined
  return [[{ op: 'remove', path: pointer }], ...(other === undefined ? [] : [[{ op: 'replace', path: pointer, value: other }]])]
}

interface Patched {
  resource: string
  object: Plain
  subresource: string
  value: unknown
}

function patched({ resource, object, subresource, value }: Patched, isOwn: boolean): string {
  const definition = builtInResources.find(({ key }) => key === resource)
  if (!definition) throw new Error(`no such resource: ${resource}`)
  const { namespace = '', name } = object.metadata
  const options = { fieldManager: 'test', dryRun: true }
  const call: WriteCall = { definition, namespace, name, subresource, user: systemUser, warn() {}, options }
  try {
    return JSON.stringify(patch(realm, call, { type: 'json', body: { value, isOwn } }).object)
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    return JSON.stringify(error.status)
  }
}

// Another kind, and no kind.
const aside = ['scale', 'proxy']

const created = samples.flatMap(({ resource, send }) => {
  const object = create(resource, send) as Plain
  const definition = builtInResources.find(({ key }) => key === resource)
  const isStored = object.kind !== 'Status' && object.metadata?.uid !== undefined && definition?.verbs.includes('patch')
  if (!isStored) return []
  const subresources = (definition?.subresources ?? []).filter(({ verbs, name }) => verbs.includes('patch') && !aside.includes(name)).map(({ name }) => name)
  return ['', ...subresources].map((subresource) => [`${resource} ${subresource}`, object.metadata.name as string, { resource, object, subresource }] as const)
})

it.each(created)('%s %s is patched with and without shared parts alike', (_what, _name, { resource, object, subresource }) => {
  expect(object.metadata.namespace ?? testNamespace).toBeTypeOf('string')
  for (const pointer of pointersIn({ ...object, metadata: { labels: object.metadata.labels, annotations: object.metadata.annotations } })) {
    for (const value of changesOf(object, pointer)) {
      const write = { resource, object, subresource, value }
      expect(patched(write, true), JSON.stringify(value)).toBe(patched(write, false))
    }
  }
})
