import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deepEqual, type FieldsV1, isObject, type Plain } from '../../../src/machinery/index.js'
import { Story } from './story.js'

const value = fc.constantFrom('1', '2')
const someOf = <Item>(item: fc.Arbitrary<Item>, key: (item: Item) => unknown) => fc.uniqueArray(item, { selector: key, minLength: 1, maxLength: 3 })
const env = someOf(fc.record({ name: fc.constantFrom('A', 'B'), value }), ({ name }) => name)
const container = fc.record({ name: fc.constantFrom('a', 'b', 'c'), image: value, env }, { requiredKeys: ['name'] })
// Nothing is empty: an empty map leaves no trace in an object but is owned, and two appliers of one are in conflict, as upstream has it.
const labels = fc.dictionary(fc.constantFrom('x', 'y', 'z'), value, { minKeys: 1, maxKeys: 3 })
const metadata = fc.record({ labels, finalizers: fc.uniqueArray(fc.constantFrom('a/a', 'b/b', 'c/c'), { minLength: 1 }) }, { requiredKeys: [] })
const template = fc.record({ spec: fc.record({ containers: someOf(container, ({ name }) => name) }) })
const spec = fc.record({ replicas: fc.constantFrom(1, 2), template }, { requiredKeys: ['replicas'] })
const content: fc.Arbitrary<Plain> = fc.record({ metadata, spec }, { requiredKeys: ['metadata'] })

interface Step {
  manager: string
  content: Plain
  verb: 'apply' | 'force' | 'update'
}

const step: fc.Arbitrary<Step> = fc.record({
  manager: fc.constantFrom('alice', 'bob', 'carl'),
  content,
  verb: fc.constantFrom('apply', 'apply', 'force', 'update'),
})
const steps = fc.array(step, { minLength: 1, maxLength: 8 })

/** @returns whether it was done */
function perform(story: Story, { manager, content, verb }: Step): boolean {
  if (verb === 'update') story.updates(manager, story.live ? (object) => Object.assign(object, merged(object, content)) : content)
  else return story.applies(manager, content, { force: verb === 'force' }) === undefined
  return true
}

/** An updater keeps identity and managers and replaces the rest. */
function merged(object: Plain, content: Plain): Plain {
  const { name, managedFields } = object.metadata
  return { metadata: { ...content.metadata, name, ...(managedFields ? { managedFields } : {}) }, spec: content.spec ?? {} }
}

const told = (run: (story: Story, all: Step[]) => void) =>
  fc.assert(
    fc.property(steps, (all) => run(new Story('apps', 'v1', 'Deployment'), all)),
    { numRuns: 150 },
  )

describe('whatever managers do', () => {
  it('an applier keeps what it alone owns until it lets go, or somebody forces or updates', () => {
    told((story, all) => {
      for (const each of all) {
        const before = story.entries
        const object = story.live as Plain | undefined
        if (!perform(story, each) || each.verb !== 'apply') continue
        for (const { manager, operation, fieldsV1 } of before) {
          if (operation !== 'Apply' || manager === each.manager) continue
          expect(story.entries.find((entry) => entry.manager === manager && entry.operation === 'Apply')?.fieldsV1).toEqual(fieldsV1)
          for (const path of leavesOf(fieldsV1)) expect(valueAt(story.live, path)).toEqual(valueAt(object, path))
        }
      }
    })
  })

  it('what is owned is there', () => {
    told((story, all) => {
      for (const each of all) {
        perform(story, each)
        for (const { fieldsV1 } of story.entries) for (const path of leavesOf(fieldsV1)) expect(exists(story.live, path), path.join(' ')).toBe(true)
      }
    })
  })

  it('what is applied stands', () => {
    told((story, all) => {
      for (const each of all)
        if (perform(story, each) && each.verb !== 'update') expect(contains(story.live, each.content), JSON.stringify(each.content)).toBe(true)
    })
  })

  it('what is refused changes nothing', () => {
    told((story, all) => {
      for (const each of all) {
        const before = story.live
        if (!perform(story, each)) expect(story.live).toBe(before)
      }
    })
  })

  it('applying again changes nothing', () => {
    told((story, all) => {
      for (const each of all)
        if (perform(story, each) && each.verb !== 'update') {
          const before = story.live
          expect(perform(story, each)).toBe(true)
          expect(deepEqual(story.live, before)).toBe(true)
        }
    })
  })
})

/** Paths of parts that have no parts: of those with parts the value may change. */
function leavesOf(set: FieldsV1 = {}, path: string[] = []): string[][] {
  const keys = Object.keys(set).filter((key) => key !== '.')
  return keys.length || !path.length ? keys.flatMap((key) => leavesOf(set[key], [...path, key])) : [path]
}

function valueAt(object: unknown, path: readonly string[]): unknown {
  return path.reduce(memberOf, object)
}

function memberOf(part: unknown, key: string): unknown {
  const name = key.slice(2)
  if (key.startsWith('f:')) return isObject(part) ? part[name] : undefined
  const wanted = JSON.parse(name) as unknown
  return Array.isArray(part) ? part.find((item) => (isObject(wanted) ? contains(item, wanted) : item === wanted)) : undefined
}

/** Empty collections leave no trace in an object. */
function exists(object: unknown, path: readonly string[]): boolean {
  if (valueAt(object, path) !== undefined) return true
  const last = path.at(-1) as string
  return ['f:labels', 'f:env', 'f:finalizers', 'f:spec', 'f:template', 'f:metadata'].includes(last)
}

function contains(whole: unknown, part: unknown): boolean {
  if (Array.isArray(part)) return part.every((each) => Array.isArray(whole) && whole.some((item) => contains(item, each))) || part.length === 0
  if (!isObject(part)) return whole === part
  return Object.entries(part).every(([key, each]) => contains(isObject(whole) ? whole[key] : undefined, each))
}
