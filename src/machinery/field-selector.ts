// Field selectors: `metadata.name=web,status.phase!=Running`, with `\` before a comma, an equals sign or itself in values.
// Upstream: apimachinery/pkg/fields/selector.go
import { quote } from './field-error.js'
import { selectorLengthMax } from './label-selector.js'
import type { ResourceDefinition } from './resource.js'

export interface FieldRequirement {
  field: string
  operator: '=' | '!='
  value: string
}

/** @returns requirements in the order upstream looks at them, or its text in `error` */
export function parseFieldSelector(text: string): { requirements: FieldRequirement[] } | { error: string } {
  if (text.length > selectorLengthMax) return { error: `selector is too long: may not be more than ${selectorLengthMax} characters` }
  const requirements: FieldRequirement[] = []
  for (const term of splitTerms(text).sort()) {
    if (!term) continue
    const [, name, operator, escaped] = term.match(termPattern) ?? []
    if (name === undefined) return { error: `invalid selector: '${text}'; can't understand '${term}'` }
    const value = unescaped(escaped)
    if (typeof value !== 'string') return value
    requirements.push({ field: name, operator: operator === '!=' ? '!=' : '=', value })
  }
  return { requirements }
}

// The name ends at the first operator, which may be its first character.
const termPattern = /^([\s\S]*?)(!=|==|=)([\s\S]*)$/

function splitTerms(text: string): string[] {
  const terms: string[] = []
  let start = 0
  for (let position = 0; position < text.length; position++) {
    if (text[position] === '\\') position++
    else if (text[position] === ',') {
      terms.push(text.slice(start, position))
      start = position + 1
    }
  }
  terms.push(text.slice(start))
  return terms
}

function unescaped(text: string): string | { error: string } {
  if (!/[\\,=]/.test(text)) return text
  let value = ''
  for (let position = 0; position < text.length; position++) {
    const character = text[position]
    if (character === '\\') {
      const next = text[++position] ?? ''
      if (next === '' || !'\\,='.includes(next)) return { error: `invalid field selector: invalid escape sequence: \\${next}` }
      value += next
    } else if (character === ',' || character === '=') {
      return { error: `invalid field selector: unescaped character in value: ${character.charCodeAt(0)}` }
    } else value += character
  }
  return value
}

/**
 * Why a kind cannot select by this field. Kinds that select by name and namespace alone share one sentence, those with
 * fields of their own another; a definition with words of its own has `describeUnsupportedField`.
 */
export function unsupportedField(definition: ResourceDefinition, label: string): string {
  if (definition.describeUnsupportedField) return definition.describeUnsupportedField(label)
  const isOrdinary = definition.fieldSelectors?.every((each) => each === 'metadata.name' || each === 'metadata.namespace') ?? true
  return isOrdinary ? `${quote(label)} is not a known field selector: only "metadata.name", "metadata.namespace"` : `field label not supported: ${label}`
}
