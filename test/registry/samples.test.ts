import { describe, expect, it } from 'vitest'
import { canonicalize, type Plain } from '../../src/machinery/index.js'
import { builtInResources } from '../../src/resources/index.js'
import { openRealm } from '../support/realm.js'
import { normalized, readSamples } from '../support/samples.js'

const samples = readSamples()
const realm = openRealm()

describe('creating', () => {
  it.each(samples.map((sample) => [sample.resource, sample.send.metadata?.name ?? '', sample] as const))(
    '%s %s answers like the real API',
    (resource, _name, sample) => {
      const answer = realm.create(resource, sample.send) as Plain
      expect(answer.kind === 'Status' ? answer.message : normalized(answer)).toEqual(sample.answer)
      const shape = builtInResources.find(({ key }) => key === resource)?.shape
      if (shape) expect(JSON.stringify(answer)).toBe(JSON.stringify((canonicalize(shape, answer) as { object: Plain }).object))
    },
  )
})
