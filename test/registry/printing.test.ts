// Objects are printed from parts, of which some are printed once for many objects: nobody can tell.
import { expect, it } from 'vitest'
import { isStatus, type Plain, printJSON, printObject } from '../../src/machinery/index.js'
import { openRealm } from '../support/realm.js'
import { readSamples } from '../support/samples.js'

it('is the same in one piece and from parts, for every kind and the second time too', () => {
  const { create } = openRealm()
  let printed = 0
  for (const { resource, send } of readSamples()) {
    const object = create(resource, { ...send, metadata: { ...send.metadata, annotations: { markup: '<a href="x">&\u2028</a>' } } })
    if (isStatus(object)) continue
    expect(printObject(object as Plain)).toBe(printJSON(object))
    expect(printObject({ ...object, metadata: { ...object.metadata, labels: undefined } } as Plain)).toBe(
      printJSON({ ...object, metadata: { ...object.metadata, labels: undefined } }),
    )
    printed++
  }
  expect(printed).toBeGreaterThan(100)
})
