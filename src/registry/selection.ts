// Which objects of a collection are meant: label and field selectors as one predicate.
import { type KubeObject, type Plain, parseFieldSelector, parseLabelSelector, type ResourceDefinition, status, unsupportedField } from '../machinery/index.js'
import { refuse } from './realm.js'

export interface SelectorOptions {
  labelSelector?: string
  fieldSelector?: string
}

export interface Selection {
  /** No selector at all. */
  isEverything: boolean
  matches(object: KubeObject): boolean
}

const everything: Selection = { isEverything: true, matches: () => true }

/** @throws {StatusError} 400 for a selector that cannot be read or names an unknown field */
export function selectionOf(definition: ResourceDefinition, { labelSelector = '', fieldSelector = '' }: SelectorOptions): Selection {
  if (!labelSelector && !fieldSelector) return everything
  const matchesLabels = labelSelector ? labelPredicate(labelSelector) : undefined
  const matchesFields = fieldSelector ? fieldPredicate(definition, fieldSelector) : undefined
  if (!matchesLabels && !matchesFields) return everything
  return {
    isEverything: false,
    matches: (object) => (!matchesLabels || matchesLabels(object.metadata.labels ?? {})) && (!matchesFields || matchesFields(object)),
  }
}

function labelPredicate(text: string) {
  const parsed = parseLabelSelector(text)
  if ('error' in parsed) return refuse(status.badRequest(parsed.error))
  return parsed.requirements.length ? parsed.matches : undefined
}

function fieldPredicate(definition: ResourceDefinition, text: string): ((object: KubeObject) => boolean) | undefined {
  const parsed = parseFieldSelector(text)
  if ('error' in parsed) return refuse(status.badRequest(parsed.error))
  const terms = parsed.requirements.map(({ field, operator, value }) => {
    if (!definition.fieldSelectors?.includes(field)) refuse(status.badRequest(unsupportedField(definition, field)))
    const read = readerOf(definition, field)
    const isWanted = operator !== '!='
    return (object: KubeObject) => (read(object) === value) === isWanted
  })
  return terms.length ? (object) => terms.every((term) => term(object)) : undefined
}

function readerOf(definition: ResourceDefinition, label: string): (object: KubeObject) => string {
  const own = definition.selectableFields?.[label]
  if (own) return own
  const path = label.split('.')
  return (object) => {
    let value: unknown = object
    for (const name of path) value = (value as Plain | undefined)?.[name]
    return value === undefined || value === null ? '' : String(value)
  }
}
