// Label selectors: the text of a query, the LabelSelector of an object, and what both compile to.
// Upstream: apimachinery/pkg/labels/selector.go, apimachinery/pkg/apis/meta/v1/helpers.go
import { type FieldError, field, quote } from './field-error.js'
import { validateLabelKey, validateLabelValue } from './label-syntax.js'

export type LabelOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | '>' | '<'

export interface LabelRequirement {
  key: string
  operator: LabelOperator
  /** Sorted, without repetitions. */
  values: string[]
}

export type Labels = Readonly<Record<string, string>>

/** `matches` says whether labels meet every requirement. No requirements: everything matches. */
export interface ParsedLabelSelector {
  requirements: LabelRequirement[]
  matches(labels: Labels): boolean
}

/** `meta/v1.LabelSelector` as JSON. */
export interface LabelSelector {
  matchLabels?: Record<string, string>
  matchExpressions?: { key: string; operator: string; values?: string[] }[]
}

/** Longer selectors are refused unread. */
export const selectorLengthMax = 64 * 1024

/** Reads `app=web,tier in (a,b),!old`. @returns upstream's text in `error` when it cannot be read */
export function parseLabelSelector(text: string): ParsedLabelSelector | { error: string } {
  if (text.length > selectorLengthMax) return { error: `selector is too long: may not be more than ${selectorLengthMax} characters` }
  const parsed = new LabelSelectorReader(text).read()
  if ('error' in parsed) return parsed
  const { requirements } = parsed
  return { requirements, matches: compile(requirements) }
}

/** @returns a predicate over labels; absent selectors match nothing, empty ones everything */
export function compileLabelSelector(selector: LabelSelector | null | undefined): (labels: Labels | undefined) => boolean {
  if (!selector) return () => false
  const matches = compile(requirementsOf(selector))
  return (labels) => matches(labels ?? noLabels)
}

/** Whether labels match a LabelSelector; for repeated use compile it. */
export function matchesLabels(selector: LabelSelector | null | undefined, labels: Labels | undefined): boolean {
  return compileLabelSelector(selector)(labels)
}

/** Whether labels carry every pair of a plain map, as the selector of a Service or ReplicationController. An empty map matches everything. */
export function matchesMap(map: Labels | null | undefined, labels: Labels | undefined): boolean {
  for (const key in map) if (!labels || !Object.hasOwn(labels, key) || labels[key] !== map[key]) return false
  return true
}

const noLabels: Labels = {}

/** As upstream prints it: `app=web,tier in (a,b)`; sorted by key. Empty for a selector that says nothing. */
export function formatLabelSelector(selector: LabelSelector | null | undefined): string {
  return formatRequirements(selector ? requirementsOf(selector) : [])
}

/** A plain map of labels as selector text, `app=web,tier=front`. */
export function formatLabelMap(labels: Labels | null | undefined): string {
  return formatLabelSelector({ matchLabels: { ...labels } })
}

export function formatRequirements(requirements: readonly LabelRequirement[]): string {
  return requirements.map(formatRequirement).join(',')
}

function formatRequirement({ key, operator, values }: LabelRequirement): string {
  if (operator === 'exists') return key
  if (operator === '!') return `!${key}`
  const list = values.join(',')
  return operator === 'in' || operator === 'notin' ? `${key} ${operator} (${list})` : `${key}${operator}${list}`
}

const operatorOf: Record<string, LabelOperator> = { In: 'in', NotIn: 'notin', Exists: 'exists', DoesNotExist: '!' }

/** Requirements of a LabelSelector, sorted by key; expressions with unknown operators are left out. */
export function requirementsOf(selector: LabelSelector): LabelRequirement[] {
  const requirements: LabelRequirement[] = []
  for (const key in selector.matchLabels) requirements.push({ key, operator: '=', values: [selector.matchLabels[key]] })
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    if (Object.hasOwn(operatorOf, operator)) requirements.push({ key, operator: operatorOf[operator], values: sortedSet(values ?? []) })
  }
  return requirements.sort((one, other) => (one.key < other.key ? -1 : one.key > other.key ? 1 : 0))
}

/** All that is wrong with a LabelSelector. Upstream: apimachinery/pkg/apis/meta/v1/validation ValidateLabelSelector */
export function validateLabelSelector(selector: LabelSelector | null | undefined, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const key in selector?.matchLabels) {
    const value = selector.matchLabels[key]
    for (const message of validateLabelKey(key)) errors.push(field.invalid(`${path}.matchLabels`, key, message))
    for (const message of validateLabelValue(value)) errors.push(field.invalid(`${path}.matchLabels`, value, message))
  }
  selector?.matchExpressions?.forEach((expression, index) => {
    errors.push(...validateExpression(expression, `${path}.matchExpressions[${index}]`))
  })
  return errors
}

function validateExpression({ key = '', operator = '', values = [] }: { key?: string; operator?: string; values?: string[] }, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (operator === 'In' || operator === 'NotIn') {
    if (!values.length) errors.push(field.required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'"))
  } else if (operator === 'Exists' || operator === 'DoesNotExist') {
    if (values.length) errors.push(field.forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"))
  } else errors.push(field.invalid(`${path}.operator`, operator, 'not a valid selector operator'))
  for (const message of validateLabelKey(key)) errors.push(field.invalid(`${path}.key`, key, message))
  values.forEach((value, index) => {
    for (const message of validateLabelValue(value)) errors.push(field.invalid(`${path}.values[${index}]`, value, message))
  })
  return errors
}

function compile(requirements: readonly LabelRequirement[]): (labels: Labels) => boolean {
  const tests = requirements.map(compileRequirement)
  if (tests.length === 0) return () => true
  if (tests.length === 1) return tests[0]
  return (labels) => {
    for (const test of tests) if (!test(labels)) return false
    return true
  }
}

function compileRequirement({ key, operator, values }: LabelRequirement): (labels: Labels) => boolean {
  const read = (labels: Labels) => (Object.hasOwn(labels, key) ? labels[key] : undefined)
  const wanted = new Set<string | undefined>(values)
  const [value] = values
  switch (operator) {
    case '=':
    case '==':
      return (labels) => read(labels) === value
    case '!=':
      return (labels) => read(labels) !== value
    case 'in':
      return (labels) => wanted.has(read(labels))
    case 'notin':
      return (labels) => !wanted.has(read(labels))
    case 'exists':
      return (labels) => Object.hasOwn(labels, key)
    case '!':
      return (labels) => !Object.hasOwn(labels, key)
    default:
      return compileComparison(read, operator, parseInt64(value))
  }
}

function compileComparison(read: (labels: Labels) => string | undefined, operator: '>' | '<', limit: bigint | undefined) {
  return (labels: Labels) => {
    const number = parseInt64(read(labels) ?? '')
    if (number === undefined || limit === undefined) return false
    return operator === '>' ? number > limit : number < limit
  }
}

const integer = /^[+-]?[0-9]{1,19}$/

/** Decimal text as Go's ParseInt reads it. */
function parseInt64(text: string): bigint | undefined {
  if (!integer.test(text)) return undefined
  const value = BigInt(text[0] === '+' ? text.slice(1) : text)
  return value === BigInt.asIntN(64, value) ? value : undefined
}

function sortedSet(values: Iterable<string>): string[] {
  return [...new Set(values)].sort()
}

interface Token {
  kind: 'end' | 'word' | 'symbol'
  text: string
}

class Unreadable extends Error {}

const symbols = new Set([')', ',', '!', '==', '=', '>', '<', '!=', '('])
const symbolCharacters = '=!(),><'
const blanks = ' \t\r\n'
const operators: readonly string[] = ['in', 'notin', '=', '==', '!=', '>', '<']
const operatorList = 'in, notin, =, ==, !=, gt, lt'

/** Reads selector text token by token. Words like `in` are operators only where an operator is due. */
class LabelSelectorReader {
  readonly #tokens: Token[]
  #position = 0

  constructor(text: string) {
    this.#tokens = tokenize(text)
  }

  read(): { requirements: LabelRequirement[] } | { error: string } {
    try {
      return { requirements: this.#requirements() }
    } catch (error) {
      if (error instanceof Unreadable) return { error: error.message }
      throw error
    }
  }

  #peek(): Token {
    return this.#tokens[Math.min(this.#position, this.#tokens.length - 1)]
  }

  #take(): Token {
    const token = this.#peek()
    this.#position++
    return token
  }

  #requirements(): LabelRequirement[] {
    const requirements: LabelRequirement[] = []
    if (this.#peek().kind === 'end') return requirements
    for (;;) {
      const first = this.#peek()
      if (!begins(first)) throw new Unreadable(`found '${first.text}', expected: !, identifier, or 'end of string'`)
      requirements.push(this.#requirement())
      const next = this.#take()
      if (next.kind === 'end') return requirements
      if (next.text !== ',' || next.kind !== 'symbol') throw new Unreadable(`found '${next.text}', expected: ',' or 'end of string'`)
      const after = this.#peek()
      if (!begins(after)) throw new Unreadable(`found '${after.text}', expected: identifier after ','`)
    }
  }

  #requirement(): LabelRequirement {
    const refuse = (cause: string) => new Unreadable(`unable to parse requirement: ${cause}`)
    let key = this.#take()
    const isAbsence = key.text === '!' && key.kind === 'symbol'
    if (isAbsence) key = this.#take()
    if (key.kind !== 'word') throw refuse(`found '${key.text}', expected: identifier`)
    const keyErrors = validateLabelKey(key.text)
    if (keyErrors.length) throw refuse(`<nil>: Invalid value: ${quote(key.text)}: ${keyErrors.join('; ')}`)
    if (isAbsence) return { key: key.text, operator: '!', values: [] }
    const next = this.#peek()
    if (next.kind === 'end' || (next.kind === 'symbol' && next.text === ',')) return { key: key.text, operator: 'exists', values: [] }
    const { text: operator } = this.#take()
    if (!operators.includes(operator)) throw refuse(`found '${operator}', expected: ${operatorList}`)
    const values = operator === 'in' || operator === 'notin' ? this.#list(refuse) : [this.#value(refuse)]
    const requirement = { key: key.text, operator: operator as LabelOperator, values: sortedSet(values) }
    const errors = requirementErrors(requirement)
    if (errors.length) throw refuse(errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`)
    return requirement
  }

  #value(refuse: (cause: string) => Error): string {
    const next = this.#peek()
    if (next.kind === 'end' || (next.kind === 'symbol' && next.text === ',')) return ''
    const { kind, text } = this.#take()
    if (kind !== 'word') throw refuse(`found '${text}', expected: identifier`)
    return text
  }

  /** `(a,b)`; what is left out between commas is the empty value. */
  #list(refuse: (cause: string) => Error): string[] {
    const opening = this.#take()
    if (opening.text !== '(') throw refuse(`found '${opening.text}' expected: '('`)
    const first = this.#peek()
    if (first.text === ')') {
      this.#take()
      return ['']
    }
    if (first.kind !== 'word' && first.text !== ',') throw refuse(`found '${first.text}', expected: ',', ')' or identifier`)
    const values: string[] = []
    for (;;) {
      const token = this.#take()
      const next = this.#peek()
      if (token.kind === 'word') {
        values.push(token.text)
        if (next.text !== ',' && next.text !== ')') throw refuse(`found '${next.text}', expected: ',' or ')'`)
      } else if (token.text === ',') {
        if (!values.length || next.text === ')' || next.text === ',') values.push('')
        if (next.text === ',') this.#take()
      } else throw refuse(`found '${token.text}', expected: ',', or identifier`)
      if (next.text === ')') {
        this.#take()
        return values
      }
    }
  }
}

function begins(token: Token): boolean {
  return token.kind === 'word' || token.text === '!'
}

function requirementErrors({ key, operator, values }: LabelRequirement): string[] {
  const errors: string[] = []
  values.forEach((value, index) => {
    if ((operator === '>' || operator === '<') && parseInt64(value) === undefined) {
      errors.push(`values[${index}]: Invalid value: ${quote(value)}: for 'Gt', 'Lt' operators, the value must be an integer`)
    }
  })
  values.forEach((value, index) => {
    const problems = validateLabelValue(value)
    if (problems.length) errors.push(`values[${index}][${key}]: Invalid value: ${quote(value)}: ${problems.join('; ')}`)
  })
  return errors
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let position = 0
  while (position < text.length && text[position] !== '\u0000') {
    const character = text[position]
    const start = position
    if (blanks.includes(character)) position++
    else if (symbolCharacters.includes(character)) {
      position += symbols.has(text.slice(position, position + 2)) ? 2 : 1
      tokens.push({ kind: 'symbol', text: text.slice(start, position) })
    } else {
      while (position < text.length && !blanks.includes(text[position]) && !symbolCharacters.includes(text[position])) position++
      tokens.push({ kind: 'word', text: text.slice(start, position) })
    }
  }
  tokens.push({ kind: 'end', text: '' })
  return tokens
}
