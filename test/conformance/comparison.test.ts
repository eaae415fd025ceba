import { describe, expect, it } from 'vitest'
import { differencesOfAnswers } from './comparison.js'

const answerOf = (body: unknown, code = 200, headers: Record<string, string> = {}) => ({ code, headers, body })

describe('comparing with a recorded answer', () => {
  it.each([
    ['nothing when both are the same', { a: [1, { b: null }] }, { a: [1, { b: null }] }, []],
    ['another value', { a: { b: 1 } }, { a: { b: '1' } }, ['.body.a.b: expected 1, got "1"']],
    ['a missing member', { a: 1 }, {}, ['.body.a: missing, expected 1']],
    ['a member too many', {}, { a: null }, ['.body.a: unexpected null']],
    ['null in place of nothing at all', { a: {} }, { a: null }, ['.body.a: expected {}, got null']],
    ['a list that is too short', { a: [1, 2] }, { a: [1] }, ['.body.a: expected 2 elements, got 1']],
    ['a list that is too long', { a: [] }, { a: [1] }, ['.body.a: expected 0 elements, got 1']],
    ['where long texts part', `${'x'.repeat(300)}yes`, `${'x'.repeat(300)}no`, [`.body: expected …${'x'.repeat(40)}yes", got …${'x'.repeat(40)}no"`]],
    ['elements in another order', [1, 2], [2, 1], ['.body[0]: expected 1, got 2', '.body[1]: expected 2, got 1']],
    ['a list in place of an object', { a: {} }, { a: [] }, ['.body.a: expected {}, got []']],
    ['members in another order', { a: [{ b: 1, c: 2 }] }, { a: [{ c: 2, b: 1 }] }, ['.body.a[0]: expected members in the order b, c, got c, b']],
  ])('finds %s', (_what, expected, got, lines) => {
    expect(differencesOfAnswers(answerOf(expected), answerOf(got))).toEqual(lines)
  })

  it('finds another code and another header', () => {
    const lines = ['.code: expected 201, got 200', '.headers.warning: missing, expected "299 - \\"x\\""']
    expect(differencesOfAnswers(answerOf({}, 201, { warning: '299 - "x"' }), answerOf({}))).toEqual(lines)
  })

  it('looks only at code and reason where the message names types of a Go program', () => {
    const refusal = (message: string, reason = 'BadRequest') => answerOf({ kind: 'Status', status: 'Failure', message, reason, code: 400 }, 400)
    const expected = refusal('json: cannot unmarshal string into Go struct field X.spec of type int')
    expect(differencesOfAnswers(expected, refusal('other words'))).toEqual([])
    expect(differencesOfAnswers(expected, refusal('other words', 'Invalid'))).toEqual(['.body.reason: expected "BadRequest", got "Invalid"'])
  })
})
