// Objects are printed from parts, of which some are printed once for many objects: nobody can tell.
import { expect, it } from 'vitest'
import { isStatus, type Plain, printJSON, printObject } from '../../src/machinery/index.js'
import { openRealm } from '../support/realm.js'
import { readSamples } from '../support/samples.js'

it('is the same in one piece and from parts, for every kind and in whatever order', () => {
  const { create } = openRealm()
  let printed = 0
  for (const { resource, send } of readSamples()) {
    const object = create(resource, { ...send, metadata: { ...send.metadata, annotations: { markup: '<a href="x">&\u2028</a>' } } }) as Plain
    if (isStatus(object)) continue
    const { kind, apiVersion, metadata, ...content } = object
    const { managedFields, ...own } = metadata
    const forms: Plain[] = [
      object,
      { ...object, metadata: { ...metadata, labels: undefined } },
      { kind, apiVersion, metadata },
      { kind, apiVersion, metadata: { managedFields } },
      { kind, apiVersion, metadata: { managedFields, ...own }, ...content },
      { metadata, kind, apiVersion, ...content },
      { kind, apiVersion, ...content, metadata },
      { kind, apiVersion, metadata: { ...own, managedFields: managedFields?.map((entry: Plain) => ({ ...entry, fieldsV1: undefined })) } },
    ]
    for (const form of forms) expect(printObject(form)).toBe(printJSON(form))
    printed++
  }
  expect(printed).toBeGreaterThan(100)
})
