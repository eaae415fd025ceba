import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type KubeObject, type Plain, recanonicalize, tableOf } from '../../src/machinery/index.js'
import { builtInResources } from '../../src/resources/index.js'
import { readSamples } from '../support/samples.js'

interface Row {
  resource: string
  cells: unknown[]
  /** What controllers have found out since the object was made. */
  status?: Plain
}

const rows = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'fixtures', 'cells.json'), 'utf8')) as Row[]
const creationTimestamp = '2026-11-22T11:05:39Z'
const options = { now: Date.parse(creationTimestamp) + 153_000, version: 'v1', metadata: {} }
const samples = readSamples()

function cellsOf({ resource, cells, status }: Row): unknown[] {
  const definition = builtInResources.find(({ key }) => key === resource)
  const sample = samples.find((each) => each.resource === resource && cells.includes(each.answer.metadata.name))
  if (!definition || !sample) return []
  const text = JSON.stringify(sample.answer).replaceAll('"<port>"', '30000').replaceAll('<ip>', '10.96.0.9').replaceAll('<now>', creationTimestamp)
  const answer = JSON.parse(text) as Plain
  if (answer.kind === 'CertificateSigningRequest') answer.spec.username = 'someone'
  const object = recanonicalize(definition.shape, {
    ...answer,
    metadata: { ...answer.metadata, creationTimestamp },
    ...(status ? { status: { ...answer.status, ...status } } : {}),
  }) as unknown as KubeObject
  return tableOf(definition, [object], options).rows[0].cells
}

describe('the table of', () => {
  it.each(rows)('$resource has the cells of a real one', (row) => {
    expect(cellsOf(row)).toEqual(row.cells)
  })
})

describe('a table', () => {
  const [definition] = builtInResources.filter(({ key }) => key === 'v1/configmaps')
  const object = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' } }

  it('prints null instead of no rows', () => {
    expect(tableOf(definition, [], { ...options, metadata: { resourceVersion: '5' } })).toMatchObject({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: '5' },
      rows: null,
    })
  })

  it.each([
    [undefined, { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: { name: 'a' } }],
    ['Object', object],
    ['None', null],
  ])('carries what includeObject=%s asks for', (includeObject, carried) => {
    expect(tableOf(definition, [object], { ...options, includeObject }).rows).toEqual([{ cells: ['a', 0, '<unknown>'], object: carried }])
  })

  it('describes every column', () => {
    const { columnDefinitions } = tableOf(definition, [], options)
    expect(columnDefinitions.map(({ name, type, format, priority }: Plain) => [name, type, format, priority])).toEqual(definition.columns)
    expect(columnDefinitions.every(({ description }: Plain) => typeof description === 'string')).toBe(true)
  })
})
