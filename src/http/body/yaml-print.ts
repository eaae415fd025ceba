// Prints JSON as YAML, byte for byte as the API does for `Accept: application/yaml`.
// Upstream: sigs.k8s.io/yaml JSONToYAML, sigs.k8s.io/yaml/goyaml.v2 sorter.go, encode.go, emitterc.go
import type { JSONValue } from '../../machinery/index.js'
import { needsQuotes } from './yaml-scalars.js'

/** Lines are folded at the first space beyond this column. */
const widthPreferred = 80

/** Longer keys are written with a question mark. */
const simpleKeyMax = 128

/** One document; members that are undefined are left out. */
export function printYAML(value: unknown): string {
  const lines: string[] = []
  const out = new YAMLWriter(lines)
  out.node(value as JSONValue, { indent: 0, prefix: '', isInSequence: false })
  return `${lines.join('\n')}\n`
}

interface Spot {
  /** Columns before nested lines of this node. */
  indent: number
  /** What already stands on its first line: `  name:`, `  -`. */
  prefix: string
  isInSequence: boolean
}

class YAMLWriter {
  readonly #lines: string[]

  constructor(lines: string[]) {
    this.#lines = lines
  }

  node(value: JSONValue | undefined, spot: Spot): void {
    if (Array.isArray(value)) this.#list(value, spot)
    else if (typeof value === 'object' && value !== null) this.#map(value, spot)
    else if (typeof value === 'string') this.#text(value, spot)
    else this.#end(spot.prefix, String(value ?? null))
  }

  #end(prefix: string, text: string): void {
    this.#lines.push(prefix ? `${prefix} ${text}` : text)
  }

  /** Items of a list stand in the column of the key they belong to. */
  #list(items: JSONValue[], { indent, prefix, isInSequence }: Spot): void {
    if (!items.length) this.#end(prefix, '[]')
    const column = isInSequence ? indent : Math.max(0, indent - 2)
    items.forEach((item, index) => {
      const isCompact = isInSequence && index === 0 && prefix !== ''
      if (index === 0 && prefix !== '' && !isInSequence) this.#lines.push(prefix)
      this.node(item, { indent: column + 2, prefix: isCompact ? `${prefix} -` : `${' '.repeat(column)}-`, isInSequence: true })
    })
  }

  #map(map: { [key: string]: JSONValue }, { indent, prefix, isInSequence }: Spot): void {
    const keys = Object.keys(map).filter((key) => map[key] !== undefined)
    if (!keys.length) this.#end(prefix, '{}')
    else if (!isInSequence && prefix !== '') this.#lines.push(prefix)
    keys.sort(compareKeys).forEach((key, index) => {
      const lead = isInSequence && index === 0 && prefix !== '' ? `${prefix} ` : ' '.repeat(indent)
      this.#member(key, map[key], lead, indent)
    })
  }

  #member(key: string, value: JSONValue, lead: string, indent: number): void {
    const text = keyText(key)
    if ([...text].length <= simpleKeyMax) {
      this.node(value, { indent: indent + 2, prefix: `${lead}${text}:`, isInSequence: false })
      return
    }
    this.#lines.push(`${lead}? ${text}`)
    this.node(value, { indent: indent + 2, prefix: `${' '.repeat(indent)}:`, isInSequence: true })
  }

  #text(text: string, { indent, prefix }: Spot): void {
    const column = prefix ? prefix.length + 1 : 0
    const traits = traitsOf(text)
    if (text.includes('\n')) {
      if (traits.allowsBlock) this.#block(text, prefix, indent)
      else this.#folded(doubleQuoted(text), { prefix, column, indent, style: 'double' })
    } else if (needsQuotes(text)) this.#folded(doubleQuoted(text), { prefix, column, indent, style: 'double' })
    else if (traits.allowsPlain) this.#folded([...text], { prefix, column, indent, style: 'plain' })
    else if (traits.allowsSingle)
      this.#folded(
        [...text].flatMap((each) => (each === "'" ? ["''"] : [each])),
        { prefix, column, indent, style: 'single' },
      )
    else this.#folded(doubleQuoted(text), { prefix, column, indent, style: 'double' })
  }

  #block(text: string, prefix: string, indent: number): void {
    const indentHint = /^[ \n]/.test(text) ? '2' : ''
    const chomping = text.endsWith('\n') ? (text === '\n' || text.endsWith('\n\n') ? '+' : '') : '-'
    this.#end(prefix, `|${indentHint}${chomping}`)
    const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
    const margin = ' '.repeat(Math.max(indent, 2))
    for (const line of lines) this.#lines.push(line === '' ? '' : margin + line)
  }

  /** A scalar in pieces of one character or escape each, broken after the preferred width. */
  #folded(pieces: string[], at: { prefix: string; column: number; indent: number; style: 'plain' | 'single' | 'double' }): void {
    const quoteMark = { plain: '', single: "'", double: '"' }[at.style]
    const margin = ' '.repeat(Math.max(at.indent, 2))
    let line = at.prefix ? `${at.prefix} ${quoteMark}` : quoteMark
    let column = at.column + quoteMark.length
    let wasSpace = false
    pieces.forEach((piece, index) => {
      const isSpace = piece === ' '
      const isInside = at.style === 'plain' || (index > 0 && index < pieces.length - 1)
      const isNextSpace = pieces[index + 1] === ' '
      if (isSpace && !wasSpace && column > widthPreferred && isInside && (at.style === 'double' || !isNextSpace)) {
        this.#lines.push(line)
        line = isNextSpace ? `${margin}\\` : margin
        column = line.length
      } else {
        line += piece
        column += piece.length === 2 && piece.charCodeAt(0) >= 0xd800 ? 1 : piece.length
      }
      wasSpace = isSpace
    })
    this.#lines.push(line + quoteMark)
  }
}

function keyText(key: string): string {
  const traits = traitsOf(key)
  if (key.includes('\n') || needsQuotes(key)) return `"${doubleQuoted(key).join('')}"`
  if (traits.allowsPlain) return key
  return traits.allowsSingle ? `'${key.replaceAll("'", "''")}'` : `"${doubleQuoted(key).join('')}"`
}

interface Traits {
  allowsPlain: boolean
  allowsSingle: boolean
  allowsBlock: boolean
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const special = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ufeff\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/
const everySpecial = new RegExp(special.source, 'g')
// Where a plain scalar would be taken for something else.
const indicators = /^(---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[?:-](\s|$))|:(\s|$)|\s#/

function traitsOf(text: string): Traits {
  const isSpecial = special.test(text) || / \n/.test(text)
  const breaksSpace = /\n /.test(text)
  const edges = /^[ \n]|[ \n]$/.test(text)
  return {
    allowsPlain: !isSpecial && !edges && !text.includes('\n') && !indicators.test(text),
    allowsSingle: !isSpecial && !breaksSpace,
    allowsBlock: !isSpecial && !text.endsWith(' '),
  }
}

const escapes: Record<string, string> = {
  '\u0000': '\\0',
  '\u0007': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\u001b': '\\e',
  '\u0085': '\\N',
  '"': '\\"',
  '\\': '\\\\',
}

/** The characters of a text, escaped for double quotes. */
function doubleQuoted(text: string): string[] {
  return [...text].map((character) => escapes[character] ?? (special.test(character) ? character.replace(everySpecial, escapeCode) : character))
}

function escapeCode(character: string): string {
  const code = character.charCodeAt(0)
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0').toUpperCase()}` : `\\u${code.toString(16).padStart(4, '0').toUpperCase()}`
}

const letter = /\p{L}/u

/** Numbers inside keys count as numbers, and letters come after everything else. */
export function compareKeys(one: string, other: string): number {
  const left = [...one]
  const right = [...other]
  for (let index = 0; index < left.length && index < right.length; index++) {
    if (left[index] === right[index]) continue
    const isLeftLetter = letter.test(left[index])
    const isRightLetter = letter.test(right[index])
    if (isLeftLetter !== isRightLetter) return isRightLetter ? -1 : 1
    if (isLeftLetter) return byCodePoint(left[index], right[index])
    return compareRuns(left, right, index)
  }
  return left.length - right.length
}

function compareRuns(left: string[], right: string[], index: number): number {
  const one = digitsFrom(left, index)
  const other = digitsFrom(right, index)
  // Beside a zero, digits before it decide whether the rest of the number counts as longer.
  const lead = (left[index] === '0' || right[index] === '0') && /[1-9]0*$/.test(left.slice(0, index).join('')) ? '1' : ''
  const difference = Number(lead + one || 0) - Number(lead + other || 0)
  return difference || one.length - other.length || byCodePoint(left[index], right[index])
}

function digitsFrom(text: string[], start: number): string {
  let end = start
  while (end < text.length && text[end] >= '0' && text[end] <= '9') end++
  return text.slice(start, end).join('')
}

function byCodePoint(one: string, other: string): number {
  return (one.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0)
}
