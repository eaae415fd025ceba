import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Descriptions, describe as describeType } from '../../src/resources/descriptions/index.js'
import { schema } from '../../src/resources/index.js'

const folder = join(import.meta.dirname, '..', '..', 'src', 'resources', 'descriptions')
const files = readdirSync(folder).filter((file) => file !== 'index.ts')
const written = await Promise.all(files.map(async (file) => Object.values<Descriptions>(await import(join(folder, file)))[0]))
const entries = written.flatMap((descriptions) => Object.entries(descriptions))

describe('descriptions', () => {
  it('are of types and fields that there are, each once', () => {
    const keys = entries.map(([key]) => key)
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([])
    const lost = entries.flatMap(([key, fields]) =>
      Object.keys(fields)
        .filter((name) => !schema.has(key) || (name && !schema.shape(key).field.has(name)))
        .map((name) => `${key}.${name}`),
    )
    expect(lost).toEqual([])
  })

  it('are sentences', () => {
    const texts = entries.flatMap(([key, fields]) => Object.entries(fields).map(([name, text]) => ({ at: `${key}.${name}`, text })))
    expect(texts.filter(({ text }) => !/^[A-Z$].*[.…]$/.test(text))).toEqual([])
  })

  it.each([
    'meta/v1.ObjectMeta',
    'core/v1.Service',
    'core/v1.ServiceSpec',
    'core/v1.ServicePort',
    'core/v1.ServiceStatus',
    'core/v1.Endpoints',
    'core/v1.EndpointSubset',
    'core/v1.EndpointAddress',
    'discovery/v1.EndpointSlice',
    'discovery/v1.Endpoint',
    'discovery/v1.EndpointPort',
    'core/v1.Namespace',
    'core/v1.Node',
    'core/v1.NodeSpec',
    'core/v1.NodeStatus',
    'core/v1.Pod',
    'core/v1.PodSpec',
    'core/v1.PodStatus',
    'core/v1.Container',
    'core/v1.EphemeralContainer',
    'core/v1.ContainerStatus',
    'core/v1.Probe',
    'core/v1.Volume',
    'core/v1.ConfigMap',
    'core/v1.Secret',
    'core/v1.ServiceAccount',
    'core/v1.Event',
    'events/v1.Event',
    'coordination/v1.LeaseSpec',
    'networking/v1.IPAddress',
    'networking/v1.ServiceCIDR',
  ])('leave no field of %s without a word', (key) => {
    const shape = schema.shape(key)
    expect(describeType(shape)).toBeTypeOf('string')
    expect(shape.fields.filter((field) => !describeType(shape, field)).map(({ name }) => name)).toEqual([])
  })

  it('say nothing where nothing is known', () => {
    expect(describeType(schema.shape('storage/v1.CSIDriverSpec'))).toBeUndefined()
    const { fields } = schema.shape('storage/v1.CSIDriverSpec')
    expect(describeType(schema.shape('storage/v1.CSIDriverSpec'), fields[0])).toBeUndefined()
  })
})
