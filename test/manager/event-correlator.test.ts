import { expect, it } from 'vitest'
import { EventCorrelator } from '../../src/manager/event-correlator.js'

it('a clock that is set back silences nobody', () => {
  const correlator = new EventCorrelator()
  const event = {
    regarding: { kind: 'Pod', apiVersion: 'v1', name: 'a' },
    type: 'Normal' as const,
    reason: 'Started',
    message: 'started',
    component: 'kubelet',
  }
  const now = Date.parse('2026-11-22T11:05:39Z')
  expect(correlator.correlate(event, now).isSpam).toBe(false)
  expect(correlator.correlate(event, now - 86_400_000).isSpam).toBe(false)
  expect(correlator.correlate(event, now).isSpam).toBe(false)
})
