// One suite of verbs, every wire, every kind.
import type { Client } from '@grpc/grpc-js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kubedouble, startKubedouble } from '../../src/index.js'
import { isStatus, type Plain, type ResourceDefinition } from '../../src/machinery/index.js'
import { builtInResources } from '../../src/resources/index.js'
import { normalized, readSamples, type Sample } from '../support/samples.js'
import { grpcClient, grpcWire, restWire, serviceOf, type Wire } from './wire.js'

// The first sample that every kind can live with.
const samples = new Map<string, Sample>()
for (const sample of readSamples()) {
  const isNamed = sample.send.metadata?.name && !sample.send.metadata.generateName
  if (isNamed && !samples.has(sample.resource)) samples.set(sample.resource, sample)
}
const namespace = 'samples'

describe('every wire', () => {
  let server: Kubedouble
  let client: Client
  let rest: Wire
  let wires: Wire[]
  beforeAll(async () => {
    server = await startKubedouble({ controllers: [], nodes: 0 })
    client = grpcClient(server.grpc as string)
    rest = restWire(server.http as string)
    wires = [rest, grpcWire(client, 'typed'), grpcWire(client, 'generic')]
    await rest.create(find('v1/namespaces'), { metadata: { name: namespace } }, {})
    await rest.create(find('v1/serviceaccounts'), { metadata: { name: 'default' } }, { namespace })
  })
  afterAll(async () => {
    client?.close()
    await server?.close()
  })

  const stored = builtInResources.filter(({ key, verbs }) => samples.has(key) && verbs.includes('get') && verbs.includes('create'))
  const cases = stored.flatMap((definition) =>
    ['REST', ...(serviceOf(definition) ? ['typed gRPC'] : []), 'generic gRPC'].map((wire) => [definition.key, wire, definition] as const),
  )

  it('has a sample of nearly every kind', () => {
    expect(stored.length).toBeGreaterThan(45)
    expect(builtInResources.filter(serviceOf).every(({ key }) => samples.has(key))).toBe(true)
  })

  it.each(cases)('serves the life of %s over %s', async (key, wireName, definition) => {
    const wire = wires.find(({ name }) => name === wireName) as Wire
    const { send, answer } = samples.get(key) as Sample
    const place = { ...(definition.namespaced ? { namespace } : {}), name: send.metadata.name as string }
    const created = await wire.create(definition, send, { namespace: place.namespace })
    expect(isStatus(created) ? created.message : normalized(created)).toEqual(answer)
    expect(await wire.get(definition, place)).toEqual(created)
    expect((await rest.get(definition, place)).metadata).toEqual(created.metadata)
    const watching = watchOnAll(definition, place, created)
    const changes = await change(wire, definition, place)
    for (const events of await watching) expect(events.map(({ object }) => object.metadata.resourceVersion)).toEqual(changes)
    await end(wire, definition, place)
  })

  /** Labels it in three ways. @returns the revisions that came of it */
  async function change(wire: Wire, definition: ResourceDefinition, place: { namespace?: string; name: string }): Promise<string[]> {
    const patched = await wire.patch(definition, { metadata: { labels: { wire: 'patched' } } }, { ...place, type: 'merge' })
    expect(patched.metadata?.labels?.wire ?? patched.message).toBe('patched')
    const listed = await wire.list(definition, { namespace: place.namespace, labelSelector: 'wire=patched' })
    expect(listed.items.map(({ metadata }: Plain) => metadata.name)).toEqual([place.name])
    const updated = await wire.update(definition, withLabel(patched, 'updated'), place)
    expect(updated.metadata?.labels?.wire ?? updated.message).toBe('updated')
    const stale = await wire.update(definition, withLabel(patched, 'stale'), place)
    expect(stale).toMatchObject({ reason: 'Conflict', code: 409, message: expect.stringContaining('the object has been modified') })
    const { apiVersion, kind } = definition
    const wanted = { apiVersion, kind, metadata: { name: place.name, annotations: { wire: 'applied' } } }
    const applied = await wire.apply(definition, wanted, { ...place, fieldManager: 'applier' })
    expect(applied.metadata?.annotations?.wire ?? applied.message).toBe('applied')
    expect(applied.metadata.managedFields.find(({ manager }: Plain) => manager === 'applier')).toMatchObject({ operation: 'Apply' })
    if (definition.statusSubresource) {
      const status = await wire.update(definition, applied, { ...place, subresource: 'status' })
      expect(status.metadata?.uid ?? status.message).toBe(applied.metadata.uid)
    }
    return [patched, updated, applied].map(({ metadata }) => metadata.resourceVersion)
  }

  async function end(wire: Wire, definition: ResourceDefinition, place: { namespace?: string; name: string }): Promise<void> {
    await rest.patch(definition, { metadata: { finalizers: null } }, { ...place, type: 'merge' })
    const preconditions = { uid: 'somebody-else' }
    expect(await wire.delete(definition, { ...place, preconditions })).toMatchObject({ reason: 'Conflict' })
    const deleted = await wire.delete(definition, { ...place, gracePeriodSeconds: 0, propagationPolicy: 'Background' })
    expect(deleted.metadata?.name ?? deleted.details?.name).toBe(place.name)
    const gone = await wire.get(definition, place)
    // A namespace waits for its controller, which does not run here.
    if (!isStatus(gone)) expect(gone.metadata.deletionTimestamp).toBeDefined()
    else expect(gone).toEqual(await rest.get(definition, place))
    if (!isStatus(gone)) await finalize(place.name)
  }

  async function finalize(name: string): Promise<void> {
    const definition = find('v1/namespaces')
    const left = await rest.get(definition, { name })
    await rest.update(definition, { ...left, spec: {} }, { name, subresource: 'finalize' })
  }

  /** What every wire that has the kind is told of the next three changes. */
  function watchOnAll(definition: ResourceDefinition, { namespace: place, name }: { namespace?: string; name: string }, { metadata }: Plain) {
    const options = { namespace: place, fieldSelector: `metadata.name=${name}`, resourceVersion: metadata.resourceVersion }
    const able = wires.filter((wire) => wire.serves(definition))
    return Promise.all(able.map((wire) => wire.watch(definition, options, 3)))
  }

  const find = (key: string) => builtInResources.find((each) => each.key === key) as ResourceDefinition
})

function withLabel(object: Plain, wire: string): Plain {
  return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, wire } } }
}
