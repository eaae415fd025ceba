// What changed is remembered by how a change looks: whatever was remembered before, the sets are those that a comparison finds.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { compareAlike, mentionedAlike } from '../../../src/machinery/apply/alike.js'
import { compareFields } from '../../../src/machinery/apply/comparison.js'
import { mentionedFields } from '../../../src/machinery/apply/merging.js'
import { trackedRoot } from '../../../src/machinery/apply/tracked-fields.js'
import type { Plain, ResetFields } from '../../../src/machinery/index.js'
import { schema } from '../../../src/resources/index.js'

const none: ResetFields = []
const pod = trackedRoot(schema.shape('core/v1.Pod'), none)

// Names that look like the marks of a description.
const key = fc.constantFrom('a', 'b', '1:a', '2:ab', '=', '!', '+', '{a=}', '()', '__proto__')
const text = fc.constantFrom('', '1', '2')
const map = fc.dictionary(key, text, { maxKeys: 3 })
const ports = fc.array(
  fc.record({ containerPort: fc.constantFrom(80, 81), protocol: fc.constantFrom('TCP', 'UDP'), name: text }, { requiredKeys: ['containerPort'] }),
  {
    maxLength: 3,
  },
)
const container = fc.record(
  { name: key, image: text, ports, args: fc.array(text, { maxLength: 2 }), env: fc.constantFrom(null, []) },
  { requiredKeys: ['name'] },
)
const condition = fc.record({ type: key, status: text }, { requiredKeys: ['type'] })
const state: fc.Arbitrary<Plain> = fc.record(
  {
    metadata: fc.record({ labels: map, annotations: fc.option(map), finalizers: fc.array(key, { maxLength: 3 }) }, { requiredKeys: [] }),
    spec: fc.record({ nodeName: text, containers: fc.array(container, { maxLength: 3 }), nodeSelector: map }, { requiredKeys: [] }),
    status: fc.record(
      { phase: text, conditions: fc.option(fc.array(condition, { maxLength: 3 })), podIPs: fc.array(fc.record({ ip: key }), { maxLength: 2 }) },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
)

const found = (compare: () => unknown) => {
  try {
    return compare()
  } catch (error) {
    return (error as Error).message
  }
}

it('changes that are alike have the very sets that a comparison finds', () => {
  fc.assert(
    fc.property(state, state, fc.constantFrom('absent' as const, 'present' as const), (before, after, empty) => {
      const told = found(() => compareAlike(pod, before, after, empty))
      expect(told).toEqual(found(() => compareFields(pod, before, after, empty)))
      const again = found(() => compareAlike(pod, structuredClone(before), structuredClone(after), empty))
      expect(again).toEqual(told)
    }),
    { numRuns: 3000 },
  )
})

it('configurations that are alike mention the very set that a walk finds', () => {
  fc.assert(
    fc.property(state, (configuration) => {
      const told = found(() => mentionedAlike(pod, configuration))
      expect(told).toEqual(found(() => mentionedFields(pod, configuration)))
      expect(found(() => mentionedAlike(pod, structuredClone(configuration)))).toEqual(told)
    }),
    { numRuns: 2000 },
  )
})

it('objects that changed alike share the sets', () => {
  const changed = (name: string, image: string) =>
    compareAlike(pod, { metadata: { labels: { a: '1' } } }, { metadata: { labels: { a: name } }, spec: { containers: [{ name: 'c', image }] } })
  expect(changed('2', 'x').changed).toBe(changed('3', 'y').changed)
})

it('changes are not remembered when their names are longer than what is gained by it', () => {
  const labelled = (count: number) => ({ metadata: { labels: Object.fromEntries(Array.from({ length: count }, (_, index) => [`label-${index}`, ''])) } })
  const isRemembered = (count: number) => {
    const told = mentionedAlike(pod, labelled(count))
    return mentionedAlike(pod, labelled(count)) === told
  }
  expect([isRemembered(100), isRemembered(10_000)]).toEqual([true, false])
})

it('changes are forgotten when there are too many of them', () => {
  const told = mentionedAlike(pod, { metadata: { labels: { first: '' } } })
  const isRemembered = () => mentionedAlike(pod, { metadata: { labels: { first: '' } } }) === told
  const others = (count: number) => {
    for (let index = 0; index < count; index++) mentionedAlike(pod, { metadata: { labels: { [`${index}`.padEnd(1000, 'x')]: '' } } })
  }
  others(10)
  expect(isRemembered()).toBe(true)
  others(300)
  expect(isRemembered()).toBe(false)
})
