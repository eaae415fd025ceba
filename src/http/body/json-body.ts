// A JSON body: parsed at bounded cost, with what a strict reader objects to.
// Upstream: apimachinery/pkg/runtime/serializer/json/json.go, sigs.k8s.io/json
import { describeJSONError, nestingMax, type Plain, type Status, setMember, status } from '../../machinery/index.js'
import { type Fraction, findDuplicatesAndFractions } from './json-members.js'

/** A parsed body, or why it is not JSON. */
export type ParsedBody =
  | {
      value: unknown
      /** `duplicate field "data.a"` */
      problems?: string[]
      /** Whole numbers that were written with a point or an exponent, which no integer field takes. */
      fractions?: Fraction[]
    }
  | { error: string }

/** @param bytes UTF-8, limited in size by the caller @param text the same */
export function parseJSONBody(bytes: Buffer, text = bytes.toString()): ParsedBody {
  const survey = surveyOf(bytes)
  if (survey.depth > nestingMax) return { error: 'exceeded max depth' }
  let value: unknown
  try {
    value = JSON.parse(text)
    if (loneSurrogate.test(text)) value = wellFormed(value)
  } catch {
    return { error: describeJSONError(bytes) ?? 'invalid character' }
  }
  if (survey.members === countMembers(value) && !survey.hasFraction) return { value }
  const { duplicates, fractions } = findDuplicatesAndFractions(bytes)
  return {
    value,
    ...(duplicates.length ? { problems: duplicates.map((path) => `duplicate field ${JSON.stringify(path)}`) } : {}),
    ...(fractions.length ? { fractions } : {}),
  }
}

// Only an escape can bring half a character into text; most escapes are of whole ones.
const loneSurrogate = /\\u[dD][89a-fA-F]/

/** Halves of characters become the sign for what is no character, as Go's decoder has it. */
function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return Buffer.from(value, 'utf8').toString('utf8')
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(wellFormed)
  const out: Plain = {}
  for (const key of Object.keys(value)) setMember(out, wellFormed(key) as string, wellFormed((value as Plain)[key]))
  return out
}

/** The answer to a body that is not even JSON. @param kind what was expected: `Pod` */
export function unrecognizedBody(kind: string, error: string, bytes: Buffer): Status {
  return status.badRequest(
    `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${error} (${summarize(bytes)})`,
  )
}

const shownBytesMax = 30

/** The beginning of a body as messages show it: text of what looks like an object, else hexadecimal. */
export function summarize(bytes: Buffer): string {
  if (!bytes.length) return '<empty>'
  const shown = bytes.subarray(0, shownBytesMax).toString(bytes[0] === 0x7b ? 'utf8' : 'hex')
  return bytes.length > shownBytesMax ? `${shown} ...` : shown
}

interface Survey {
  depth: number
  /** Members of all objects, as written. */
  members: number
  hasFraction: boolean
}

/** One pass over the bytes, outside of strings. What is not JSON is surveyed too, and fails later. */
function surveyOf(bytes: Buffer): Survey {
  const survey = { depth: 0, members: 0, hasFraction: false }
  let open = 0
  for (let position = 0; position < bytes.length; position++) {
    switch (bytes[position]) {
      case 0x22: // "
        for (position++; position < bytes.length && bytes[position] !== 0x22; position++) if (bytes[position] === 0x5c) position++
        break
      case 0x5b: // [
      case 0x7b: // {
        if (++open > survey.depth) survey.depth = open
        break
      case 0x5d:
      case 0x7d:
        open--
        break
      case 0x3a: // :
        survey.members++
        break
      case 0x2e: // .
      case 0x45: // E
        survey.hasFraction = true
        break
      case 0x65: // e, unless of true or false
        if (bytes[position - 1] >= 0x30 && bytes[position - 1] <= 0x39) survey.hasFraction = true
    }
  }
  return survey
}

function countMembers(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) for (const each of value) count += countMembers(each)
  else for (const key in value) count += 1 + countMembers((value as Record<string, unknown>)[key])
  return count
}
