// What changed, found once for all writes that are alike. Ten thousand pods of one template change in the same fields one after the other:
// to say so in a text is much cheaper than to make the set of these fields, and the objects then share the set.
import { deepEqual } from '../equality.js'
import type { Plain } from '../object.js'
import { compareFields, type EmptyCollections, hasNothing, memberOf } from './comparison.js'
import type { FieldSet } from './field-set.js'
import { haveSameNames, itemsOf, type ListItem } from './list-items.js'
import { mentionedFields } from './merging.js'
import { leafType, type OwnedList, type OwnedSet, type OwnedStruct, type OwnedType } from './owned-type.js'
import { share } from './shared-sets.js'

export interface Changes {
  changed: FieldSet
  removed: FieldSet
}

const changesOf = foundOnce<Changes>()

/** As `compareFields`, and the very same sets for changes that are alike. @throws {NamelessItem} */
export function compareAlike(root: OwnedStruct, before: Plain, after: Plain, empty: EmptyCollections = 'absent'): Changes {
  const description = new Description(empty)
  description.compare(root, before, after)
  if (!description.isWhole) return compareFields(root, before, after, empty)
  return changesOf(root, description.text, () => {
    const { changed, removed } = compareFields(root, before, after, empty)
    return { changed: share(changed), removed: share(removed) }
  })
}

const mentionsOf = foundOnce<{ set: FieldSet }>()

/** As `mentionedFields`, and the very same set for configurations that are alike. @param configuration of its type @throws {NamelessItem} */
export function mentionedAlike(root: OwnedStruct, configuration: Plain): FieldSet {
  return mentionsOf(root, mentionedText(root, configuration), () => ({ set: share(mentionedFields(root, configuration)) })).set
}

// So many characters of text are remembered; then all are forgotten at once. A text that takes much of this is of a write that is hardly
// met twice, and its set takes far more.
const charactersMax = 256 * 1024
const charactersOfOneMax = 32 * 1024

/** Finds once for each kind of objects and text. */
function foundOnce<Found>(): (root: OwnedStruct, text: string, find: () => Found) => Found {
  const known = new Map<OwnedStruct, Map<string, Found>>()
  let characters = 0
  return (root, text, find) => {
    const present = known.get(root)?.get(text)
    if (present) return present
    const found = find()
    if (text.length > charactersOfOneMax) return found
    if (characters + text.length > charactersMax) {
      known.clear()
      characters = 0
    }
    const ofRoot = known.get(root) ?? new Map<string, Found>()
    known.set(root, ofRoot.set(text, found))
    characters += text.length
    return found
  }
}

/** Says of a value which parts it has and how elements are named, and nothing else: all that the set of what it mentions depends on. */
function mentionedText(type: OwnedType, value: unknown): string {
  if (type.kind === 'leaf' || value === null) return '.'
  if (hasNothing(value)) return Array.isArray(value) ? '0' : '.'
  let text = ''
  if (type.kind === 'struct') {
    for (const name in value as Plain) {
      const field = type.field.get(name)
      const member = (value as Plain)[name]
      if (field && member !== undefined) text += name + mentionedText(field.type, member)
    }
    return `{${text}}`
  }
  if (type.kind === 'map') {
    for (const key in value as Plain) text += named(key) + mentionedText(type.of, (value as Plain)[key])
    return `(${text})`
  }
  for (const { key, item } of itemsOf(type, value as unknown[])) text += named(key) + mentionedText(type.kind === 'list' ? type.of : leafType, item)
  return `[${text}]`
}

/** Names that anybody can choose are told with their length, so that none can pass for something else. */
const named = (key: string) => `${key.length}:${key}`

/**
 * Says of two states all that the sets of changed and removed fields depend on: which parts there are, how elements are named, and
 * whether values are equal, but not the values. Two pairs with the same text have the same sets.
 */
class Description {
  text: string
  /** False when the text does not say all. */
  isWhole = true
  readonly #empty: EmptyCollections

  constructor(empty: EmptyCollections) {
    this.text = empty === 'present' ? 'p' : ''
    this.#empty = empty
  }

  compare(type: OwnedType, before: unknown, after: unknown): void {
    if (before === after) this.text += '='
    else if (after === undefined) this.#all('-', type, before)
    else if (before === undefined) this.#all('+', type, after)
    else if (type.kind === 'leaf') this.text += deepEqual(before, after) ? '=' : '!'
    else if (hasNothing(after)) {
      if (hasNothing(before)) this.text += deepEqual(before, after) ? '=' : '!'
      else this.#all('0', type, before)
    } else if (hasNothing(before)) this.#all('1', type, after)
    else if (type.kind === 'struct') this.#compareFields(type, before as Plain, after as Plain)
    else if (type.kind === 'map') this.#compareMembers(type.of, before as Plain, after as Plain)
    else this.#compareItems(type, before as unknown[], after as unknown[])
  }

  #compareFields(type: OwnedStruct, before: Plain, after: Plain): void {
    this.text += '{'
    for (const name in after) this.#compareField(type, name, before, after)
    for (const name in before) if (after[name] === undefined) this.#compareField(type, name, before, after)
    this.text += '}'
  }

  #compareField(type: OwnedStruct, name: string, before: Plain, after: Plain): void {
    const field = type.field.get(name)
    if (!field) return
    this.text += name
    this.compare(field.type, memberOf(field, before, this.#empty), memberOf(field, after, this.#empty))
  }

  #compareMembers(of: OwnedType, before: Plain, after: Plain): void {
    this.text += '('
    const member = (map: Plain, key: string) => (Object.hasOwn(map, key) ? map[key] : undefined)
    for (const key in after) this.#named(key).compare(of, member(before, key), after[key])
    for (const key in before) if (!Object.hasOwn(after, key)) this.#named(key).compare(of, before[key], undefined)
    this.text += ')'
  }

  #compareItems(type: OwnedList | OwnedSet, before: unknown[], after: unknown[]): void {
    if (deepEqual(before, after)) {
      this.text += '='
      return
    }
    const of = type.kind === 'list' ? type.of : leafType
    const items = byName(itemsOf(type, after))
    // Several elements of one name are owned together.
    const old = haveSameNames(type, before, after) ? new Map([...items.keys()].map((key, index) => [key, before[index]])) : byName(itemsOf(type, before))
    this.isWhole &&= old.size === before.length && items.size === after.length
    this.text += '['
    for (const [key, item] of items) this.#named(key).compare(of, old.get(key), item)
    for (const [key, item] of old) if (!items.has(key)) this.#named(key).compare(of, item, undefined)
    this.text += ']'
  }

  #named(key: string): this {
    this.text += named(key)
    return this
  }

  /** A part of which all counts, for the reason that the sign tells. */
  #all(sign: string, type: OwnedType, value: unknown): void {
    this.text += sign
    if (type.kind === 'leaf' || hasNothing(value)) return
    if (type.kind === 'struct') {
      this.text += '{'
      for (const name in value as Plain) {
        const field = type.field.get(name)
        const member = field && memberOf(field, value as Plain, this.#empty)
        if (field && member !== undefined) this.#all(name, field.type, member)
      }
      this.text += '}'
    } else if (type.kind === 'map') {
      this.text += '('
      for (const key in value as Plain) this.#named(key).#all('', type.of, (value as Plain)[key])
      this.text += ')'
    } else {
      this.text += '['
      for (const { key, item } of itemsOf(type, value as unknown[])) this.#named(key).#all('', type.kind === 'list' ? type.of : leafType, item)
      this.text += ']'
    }
  }
}

const byName = (items: readonly ListItem[]) => new Map(items.map(({ key, item }) => [key, item]))
