// When a schedule is due: the next time after a moment, in a time zone, and the last one that is over.
// Upstream: github.com/robfig/cron/v3 spec.go Next, pkg/controller/cronjob/utils.go mostRecentScheduleTime
// Differs: an hour that a time zone has twice is counted once.
import { type CronSchedule, parseCronSchedule } from '../../resources/index.js'

/** The next time after a moment, both in milliseconds since the epoch; nothing when there is none in years. */
export type NextTime = (after: number) => number | undefined

/** @returns nothing when the schedule or the time zone cannot be read */
export function readSchedule(text: string, timeZone: string | undefined): NextTime | undefined {
  const { schedule, error } = parseCronSchedule(text)
  if (error !== undefined) return undefined
  if (!schedule) return nextAfterInterval(text)
  const offset = offsetOf(timeZone)
  return offset && ((after) => nextOf(schedule, after, offset))
}

const unitMillis: Record<string, number> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** `@every 1h30m`: counted from the last time, in whole seconds. */
function nextAfterInterval(text: string): NextTime {
  let millis = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) millis += Number(amount) * unitMillis[unit]
  const step = Math.max(1000, Math.floor(millis / 1000) * 1000)
  return (after) => Math.floor(after / 1000) * 1000 + step
}

/** How far the clocks of a place are ahead, in milliseconds, at a moment. */
type Offset = (at: number) => number

function offsetOf(timeZone: string | undefined): Offset | undefined {
  if (timeZone === undefined || timeZone === 'UTC' || timeZone === 'Etc/UTC') return () => 0
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    return (at) => {
      const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
      const [year, month, day, hour, minute, second] = ['year', 'month', 'day', 'hour', 'minute', 'second'].map(
        (part) => parts.get(part as Intl.DateTimeFormatPartTypes) ?? 0,
      )
      return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000
    }
  } catch {
    return undefined
  }
}

const minuteMillis = 60_000
const hourMillis = 3_600_000
const dayMillis = 86_400_000
const yearsMax = 5

/** Works on the clock of the place, written as if it were UTC. */
function nextOf(schedule: CronSchedule, after: number, offset: Offset): number | undefined {
  let clock = after + offset(after)
  for (;;) {
    const next = nextOnClock(schedule, clock)
    if (next === undefined) return undefined
    const moment = momentOf(next, offset)
    // The clocks skip this one.
    if (moment !== undefined && moment > after) return moment
    clock = next
  }
}

function momentOf(clock: number, offset: Offset): number | undefined {
  for (const around of [clock - dayMillis, clock + dayMillis]) {
    const moment = clock - offset(around)
    if (moment + offset(moment) === clock) return moment
  }
  return undefined
}

function nextOnClock({ minutes, hours, months, ...days }: CronSchedule, after: number): number | undefined {
  let at = Math.floor(after / minuteMillis) * minuteMillis + minuteMillis
  const lastYear = new Date(at).getUTCFullYear() + yearsMax
  for (;;) {
    const date = new Date(at)
    if (date.getUTCFullYear() > lastYear) return undefined
    if (!months.has(date.getUTCMonth() + 1)) at = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)
    else if (!isDay(days, date)) at = (Math.floor(at / dayMillis) + 1) * dayMillis
    else if (!hours.has(date.getUTCHours())) at = (Math.floor(at / hourMillis) + 1) * hourMillis
    else if (!minutes.has(date.getUTCMinutes())) at += minuteMillis
    else return at
  }
}

function isDay({ daysOfMonth, daysOfWeek, isAnyDayOfMonth, isAnyDayOfWeek }: Omit<CronSchedule, 'minutes' | 'hours' | 'months'>, date: Date): boolean {
  const isOfMonth = daysOfMonth.has(date.getUTCDate())
  const isOfWeek = daysOfWeek.has(date.getUTCDay())
  return isAnyDayOfMonth || isAnyDayOfWeek ? isOfMonth && isOfWeek : isOfMonth || isOfWeek
}

export interface Due {
  /** The last time that is over; absent when none is. */
  time?: number
  /** How many are. */
  missed: number
}

/** What has become due since a moment. */
export function dueSince(next: NextTime, since: number, now: number): Due {
  const first = next(since)
  if (first === undefined || first > now) return { missed: 0 }
  const second = next(first)
  if (second === undefined || second > now) return { time: first, missed: 1 }
  // Regular schedules are not walked through.
  const missed = Math.floor((now - first) / (second - first)) + 1
  let time = first
  let at = next(first + Math.max(0, missed - 2) * (second - first))
  while (at !== undefined && at <= now) {
    time = at
    at = next(at)
  }
  return { time, missed }
}

/** `2026-01-02T03:04:00+01:00` */
export function formatInZone(moment: number, timeZone: string | undefined): string {
  const ahead = offsetOf(timeZone)?.(moment) ?? 0
  const clock = new Date(moment + ahead).toISOString().slice(0, 19)
  if (ahead === 0) return `${clock}Z`
  const minutes = Math.abs(ahead) / minuteMillis
  const two = (number: number) => String(Math.floor(number)).padStart(2, '0')
  return `${clock}${ahead < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
}
