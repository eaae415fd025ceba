// CronJobs: when they are due, and what they do then.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dueSince, formatInZone, type NextTime, readSchedule } from '../../../src/controllers/cron-job/schedule-times.js'
import type { Plain } from '../../../src/machinery/index.js'
import { openTestCluster, type TestCluster } from '../../support/cluster.js'
import { jobSketch, messagesAbout } from './workload-sketches.js'

describe('a schedule', () => {
  const moment = (text: string) => Date.parse(text)
  it.each([
    ['* * * * *', undefined, '2026-01-02T03:04:05Z', '2026-01-02T03:05:00Z'],
    ['*/15 * * * *', undefined, '2026-01-02T03:45:00Z', '2026-01-02T04:00:00Z'],
    ['30 9 * * mon-fri', undefined, '2026-01-02T10:00:00Z', '2026-01-05T09:30:00Z'],
    ['0 0 13 * fri', undefined, '2026-01-03T00:00:00Z', '2026-01-09T00:00:00Z'],
    ['0 0 29 2 *', undefined, '2026-01-01T00:00:00Z', '2028-02-29T00:00:00Z'],
    ['@monthly', undefined, '2026-01-02T00:00:00Z', '2026-02-01T00:00:00Z'],
    ['@every 1h30m', undefined, '2026-01-02T03:04:05Z', '2026-01-02T04:34:05Z'],
    ['0 9 * * *', 'Europe/Berlin', '2026-01-02T03:00:00Z', '2026-01-02T08:00:00Z'],
    ['0 9 * * *', 'Europe/Berlin', '2026-07-02T03:00:00Z', '2026-07-02T07:00:00Z'],
    ['0 9 * * *', 'Asia/Kolkata', '2026-07-02T03:00:00Z', '2026-07-02T03:30:00Z'],
    // The night in which that hour does not exist.
    ['30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-30T00:30:00Z'],
  ])('%s in %s after %s is due at %s', (text, timeZone, after, expected) => {
    const next = (readSchedule(text, timeZone) as NextTime)(moment(after))
    expect(new Date(next as number).toISOString().replace('.000', '')).toBe(expected)
  })

  it('that never comes is never due, and what cannot be read is none', () => {
    expect((readSchedule('0 0 30 2 *', undefined) as NextTime)(moment('2026-01-01T00:00:00Z'))).toBeUndefined()
    expect(readSchedule('whenever', undefined)).toBeUndefined()
    expect(readSchedule('* * * * *', 'Mars/Olympus')).toBeUndefined()
  })

  it('that was missed for years is due once, at its last time', () => {
    const next = readSchedule('*/5 * * * *', undefined) as NextTime
    const due = dueSince(next, moment('2020-01-01T00:00:00Z'), moment('2026-01-02T03:04:05Z'))
    expect(due.time).toBe(moment('2026-01-02T03:00:00Z'))
    expect(due.missed).toBeGreaterThan(600_000)
  })

  it('is written down in the time of the place', () => {
    expect(formatInZone(moment('2026-07-02T03:30:00Z'), 'Asia/Kolkata')).toBe('2026-07-02T09:00:00+05:30')
    expect(formatInZone(moment('2026-07-02T03:30:00Z'), 'America/New_York')).toBe('2026-07-01T23:30:00-04:00')
    expect(formatInZone(moment('2026-07-02T03:30:00Z'), undefined)).toBe('2026-07-02T03:30:00Z')
  })
})

describe('a CronJob', () => {
  const cronJobs = 'batch/v1/cronjobs'
  const minutes = 60_000
  let cluster: TestCluster
  beforeEach(async () => {
    cluster = openTestCluster({ nodes: 1 })
    await cluster.settled()
  })
  afterEach(() => {
    expect(cluster.failures).toEqual([])
    cluster.close()
  })

  const tick = () => cluster.get(cronJobs, 'tick') as Plain
  const names = () => cluster.list('batch/v1/jobs').map(({ metadata }) => metadata.name)
  const create = (spec: Plain = {}, script: Record<string, string> = {}) =>
    cluster.create(cronJobs, {
      metadata: { name: 'tick' },
      spec: { schedule: '*/5 * * * *', jobTemplate: { spec: jobSketch('tick', {}, script).spec }, ...spec },
    })

  it('starts a Job at its time, named for it, and sees it through', async () => {
    create()
    await cluster.advance(4 * minutes)
    expect(names()).toEqual([])
    await cluster.advance(1 * minutes)
    expect(names()).toEqual([`tick-${Date.parse('2026-11-22T11:10:00Z') / minutes}`])
    const [job] = cluster.list('batch/v1/jobs')
    expect(job.metadata.annotations['batch.kubernetes.io/cronjob-scheduled-timestamp']).toBe('2026-11-22T11:10:00Z')
    expect(job.metadata.ownerReferences).toMatchObject([{ kind: 'CronJob', name: 'tick', controller: true }])
    expect(tick().status).toEqual({ lastScheduleTime: '2026-11-22T11:10:00Z', lastSuccessfulTime: '2026-11-22T11:10:01Z' })
    expect(messagesAbout(cluster, 'tick')).toEqual([`Created job ${job.metadata.name}`, `Saw completed job: ${job.metadata.name}, condition: Complete`])
    expect(cluster.replan()).toEqual([])
  })

  it('keeps as many finished Jobs as it is told', async () => {
    create({ successfulJobsHistoryLimit: 2 })
    await cluster.advance(30 * minutes)
    expect(names()).toHaveLength(2)
    expect(cluster.replan()).toEqual([])
  })

  it.each([
    ['Allow', 3, 0],
    ['Forbid', 1, 0],
    ['Replace', 1, 2],
  ])('%s: what happens when the last Job still runs', async (concurrencyPolicy, active, deleted) => {
    create({ concurrencyPolicy }, { 'exit-after': 'never' })
    await cluster.advance(15 * minutes)
    expect(tick().status.active).toHaveLength(active)
    expect(names()).toHaveLength(active)
    expect(messagesAbout(cluster, 'tick').filter((text) => text.startsWith('Deleted job'))).toHaveLength(deleted)
  })

  it('does nothing while it is suspended, and catches up once within its deadline', async () => {
    create({ suspend: true })
    await cluster.advance(60 * minutes)
    expect(names()).toEqual([])
    cluster.patch(cronJobs, 'tick', { spec: { suspend: false, startingDeadlineSeconds: 30 } })
    await cluster.settled()
    expect(names()).toEqual([])
    cluster.patch(cronJobs, 'tick', { spec: { startingDeadlineSeconds: 600 } })
    await cluster.settled()
    expect(names()).toHaveLength(1)
  })
})
