// CronSchedule: when a cron job runs, from five fields (`*/5 8-18 * * mon-fri`) or a word (`@hourly`).
// Upstream: github.com/robfig/cron/v3 parser.go ParseStandard

/** Each field as the set of values at which it holds. */
export interface CronSchedule {
  minutes: ReadonlySet<number>
  hours: ReadonlySet<number>
  daysOfMonth: ReadonlySet<number>
  months: ReadonlySet<number>
  daysOfWeek: ReadonlySet<number>
  /** A day counts when either of its fields holds, unless one of them is `*`. */
  isAnyDayOfMonth: boolean
  isAnyDayOfWeek: boolean
}

interface FieldRange {
  least: number
  most: number
  names?: readonly string[]
}

const months: FieldRange = { least: 1, most: 12, names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] }
const weekdays: FieldRange = { least: 0, most: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] }
const ranges: readonly FieldRange[] = [{ least: 0, most: 59 }, { least: 0, most: 23 }, { least: 1, most: 31 }, months, weekdays]

const words: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

/** `error` is the parser's text. Intervals (`@every 5m`) are valid but have no fields: then `schedule` is absent. */
export interface ParsedSchedule {
  schedule?: CronSchedule
  error?: string
}

class Unreadable extends Error {}

const interval = /^@every (?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/

export function parseCronSchedule(text: string): ParsedSchedule {
  if (!text) return { error: 'empty spec string' }
  if (text.startsWith('@')) {
    if (interval.test(text)) return {}
    if (!Object.hasOwn(words, text)) return { error: `unrecognized descriptor: ${text}` }
    return parseCronSchedule(words[text])
  }
  const fields = text.trim().split(/\s+/)
  if (fields.length !== 5) return { error: `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]` }
  try {
    const [minutes, hours, daysOfMonth, months, daysOfWeek] = fields.map((each, index) => readField(each, ranges[index]))
    const isAny = (each: string) => each === '*' || each === '?'
    return { schedule: { minutes, hours, daysOfMonth, months, daysOfWeek, isAnyDayOfMonth: isAny(fields[2]), isAnyDayOfWeek: isAny(fields[4]) } }
  } catch (error) {
    if (error instanceof Unreadable) return { error: error.message }
    throw error
  }
}

function readField(text: string, range: FieldRange): Set<number> {
  const values = new Set<number>()
  for (const part of text.split(',').filter(Boolean)) addRange(values, part, range)
  return values
}

function addRange(values: Set<number>, text: string, range: FieldRange): void {
  const [span, stepText, ...tooManySteps] = text.split('/')
  const [lowText, highText, ...tooManyEnds] = span.split('-')
  if (tooManyEnds.length) throw new Unreadable(`too many hyphens: ${text}`)
  if (tooManySteps.length) throw new Unreadable(`too many slashes: ${text}`)
  const isAny = lowText === '*' || lowText === '?'
  const low = isAny ? range.least : readNumber(lowText, range)
  const hasStep = stepText !== undefined
  const high = isAny || (hasStep && highText === undefined) ? range.most : highText === undefined ? low : readNumber(highText, range)
  const step = hasStep ? readNumber(stepText) : 1
  if (low < range.least) throw new Unreadable(`beginning of range (${low}) below minimum (${range.least}): ${text}`)
  if (high > range.most) throw new Unreadable(`end of range (${high}) above maximum (${range.most}): ${text}`)
  if (low > high) throw new Unreadable(`beginning of range (${low}) beyond end of range (${high}): ${text}`)
  if (step === 0) throw new Unreadable(`step of range should be a positive number: ${text}`)
  for (let value = low; value <= high; value += step) values.add(value)
}

function readNumber(text: string, range?: FieldRange): number {
  const named = range?.names?.indexOf(text.toLowerCase()) ?? -1
  if (range && named >= 0) return named + range.least
  if (/^\+?\d{1,9}$/.test(text)) return Number(text)
  if (/^-\d{1,9}$/.test(text)) throw new Unreadable(`negative number (${text}) not allowed: ${text}`)
  throw new Unreadable(`failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
}
