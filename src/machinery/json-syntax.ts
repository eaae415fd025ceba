// What is wrong with a text that is no JSON, in the words of Go's decoder, which clients see in error messages.
// Upstream: encoding/json/scanner.go

/** Deeper nesting is refused. Differs: upstream allows 10,000 levels, which no object needs. */
export const nestingMax = 1000

/** @param bytes UTF-8. @returns why it is not one JSON value, or nothing when it is */
export function describeJSONError(bytes: Uint8Array): string | undefined {
  return new SyntaxReader(bytes).read()
}

enum Byte {
  Quote = 34,
  Comma = 44,
  Minus = 45,
  Dot = 46,
  Colon = 58,
  OpeningBracket = 91,
  Backslash = 92,
  ClosingBracket = 93,
  OpeningBrace = 123,
  ClosingBrace = 125,
}

class SyntaxReader {
  readonly #bytes: Uint8Array
  #position = 0
  /** Open objects and arrays. */
  readonly #open: Byte[] = []

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  read(): string | undefined {
    for (;;) {
      const wrong = this.#value()
      if (wrong) return wrong
      if (wrong === undefined) continue // a collection was opened; its first value comes next
      const next = this.#afterValue()
      if (next === 'end') return undefined
      if (next !== 'value') return next
    }
  }

  #blank(): number | undefined {
    const bytes = this.#bytes
    while (isBlank(bytes[this.#position])) this.#position++
    return bytes[this.#position]
  }

  #unexpected(context: string): string {
    const byte = this.#bytes[this.#position]
    return byte === undefined ? 'unexpected end of JSON input' : `invalid character ${quoteByte(byte)} ${context}`
  }

  /** One scalar or empty collection (''), an opened collection (undefined), or what is wrong. */
  #value(): string | undefined {
    const byte = this.#blank()
    if (byte === Byte.OpeningBrace || byte === Byte.OpeningBracket) return this.#opening(byte)
    if (byte === Byte.Quote) return this.#string()
    if (byte === Byte.Minus || isDigit(byte)) return this.#number()
    const literal = byte === 116 ? 'true' : byte === 102 ? 'false' : byte === 110 ? 'null' : undefined
    return literal ? this.#literal(literal) : this.#unexpected('looking for beginning of value')
  }

  #opening(byte: Byte): string | undefined {
    this.#position++
    if (this.#open.length >= nestingMax) return 'exceeded max depth'
    const next = this.#blank()
    if (next === (byte === Byte.OpeningBrace ? Byte.ClosingBrace : Byte.ClosingBracket)) {
      this.#position++
      return ''
    }
    this.#open.push(byte)
    return byte === Byte.OpeningBrace ? this.#key() || undefined : undefined
  }

  #key(): string {
    if (this.#blank() !== Byte.Quote) return this.#unexpected('looking for beginning of object key string')
    const wrong = this.#string()
    if (wrong) return wrong
    if (this.#blank() !== Byte.Colon) return this.#unexpected('after object key')
    this.#position++
    return ''
  }

  /** What follows a value: another one, the end, or a mistake. */
  #afterValue(): string {
    for (;;) {
      const byte = this.#blank()
      const container = this.#open.at(-1)
      if (container === undefined) return byte === undefined ? 'end' : this.#unexpected('after top-level value')
      const isObject = container === Byte.OpeningBrace
      if (byte === Byte.Comma) {
        this.#position++
        return (isObject && this.#key()) || 'value'
      }
      if (byte !== (isObject ? Byte.ClosingBrace : Byte.ClosingBracket)) {
        return this.#unexpected(isObject ? 'after object key:value pair' : 'after array element')
      }
      this.#position++
      this.#open.pop()
    }
  }

  #string(): string {
    const bytes = this.#bytes
    for (this.#position++; bytes[this.#position] !== Byte.Quote; this.#position++) {
      const byte = bytes[this.#position]
      if (byte === undefined || byte < 32) return this.#unexpected('in string literal')
      if (byte !== Byte.Backslash) continue
      const escaped = bytes[++this.#position]
      if (escaped === undefined || !'"\\/bfnrtu'.includes(String.fromCharCode(escaped))) return this.#unexpected('in string escape code')
      if (escaped !== 117) continue
      for (let digit = 0; digit < 4; digit++) {
        this.#position++
        if (!isHexDigit(bytes[this.#position])) return this.#unexpected('in \\u hexadecimal character escape')
      }
    }
    this.#position++
    return ''
  }

  #number(): string {
    if (this.#bytes[this.#position] === Byte.Minus) this.#position++
    const first = this.#bytes[this.#position]
    if (!isDigit(first)) return this.#unexpected('in numeric literal')
    if (first === 48) this.#position++
    else this.#digits()
    if (this.#bytes[this.#position] === Byte.Dot) {
      this.#position++
      if (!isDigit(this.#bytes[this.#position])) return this.#unexpected('after decimal point in numeric literal')
      this.#digits()
    }
    const exponent = this.#bytes[this.#position]
    if (exponent !== 101 && exponent !== 69) return ''
    const sign = this.#bytes[++this.#position]
    if (sign === 43 || sign === Byte.Minus) this.#position++
    if (!isDigit(this.#bytes[this.#position])) return this.#unexpected('in exponent of numeric literal')
    this.#digits()
    return ''
  }

  #digits(): void {
    while (isDigit(this.#bytes[this.#position])) this.#position++
  }

  #literal(word: string): string {
    for (let index = 1; index < word.length; index++) {
      this.#position++
      if (this.#bytes[this.#position] !== word.charCodeAt(index)) return this.#unexpected(`in literal ${word} (expecting '${word[index]}')`)
    }
    this.#position++
    return ''
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === 32 || byte === 10 || byte === 13 || byte === 9
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57
}

function isHexDigit(byte: number | undefined): boolean {
  return isDigit(byte) || (byte !== undefined && ((byte >= 65 && byte <= 70) || (byte >= 97 && byte <= 102)))
}

const namedEscapes: Record<number, string> = { 7: '\\a', 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r', 34: '"', 39: "\\'", 92: '\\\\' }

/** As Go quotes a byte that it takes for a character. */
function quoteByte(byte: number): string {
  const hex = byte.toString(16).padStart(2, '0')
  const isPrintable = (byte >= 32 && byte < 127) || (byte >= 0xa1 && byte !== 0xad)
  return `'${namedEscapes[byte] ?? (isPrintable ? String.fromCharCode(byte) : byte < 128 ? `\\x${hex}` : `\\u00${hex}`)}'`
}
