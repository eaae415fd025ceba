import { describe, expect, it } from 'vitest'
import { parseCronSchedule } from '../../../src/resources/batch/cron-schedule.js'

describe('a cron schedule', () => {
  it.each([
    ['*/15 * * * *', 'minutes', [0, 15, 30, 45]],
    ['5/20 * * * *', 'minutes', [5, 25, 45]],
    ['0 8-10 * * *', 'hours', [8, 9, 10]],
    ['0 0-23/6 * * *', 'hours', [0, 6, 12, 18]],
    ['0 0 1,15 * *', 'daysOfMonth', [1, 15]],
    ['0 0 * jan,DEC *', 'months', [1, 12]],
    ['0 0 * * mon-fri', 'daysOfWeek', [1, 2, 3, 4, 5]],
    ['@weekly', 'daysOfWeek', [0]],
  ] as const)('%s holds at its %s %j', (text, name, values) => {
    expect([...(parseCronSchedule(text).schedule?.[name] ?? [])]).toEqual(values)
  })

  it.each([
    ['whenever', 'expected exactly 5 fields, found 1: [whenever]'],
    ['', 'empty spec string'],
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
    ['@sometimes', 'unrecognized descriptor: @sometimes'],
  ])('%j is none', (text, error) => {
    expect(parseCronSchedule(text)).toEqual({ error })
  })

  it('may be an interval', () => {
    expect(parseCronSchedule('@every 1h30m')).toEqual({})
  })
})
