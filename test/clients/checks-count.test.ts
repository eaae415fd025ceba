import { expect, it } from 'vitest'
import { countChecks } from './checks-count.js'

it.each([
  ['checks by their lines', 'ok one\nok two\n', undefined, { passed: 2, failed: 0 }],
  ['a failure that ends well all the same', 'ok one\nnot ok two: why\n', undefined, { passed: 1, failed: 1 }],
  ['a failure once, though the program ends badly too', 'ok one\nnot ok two: why\n', 'it ended with code 1', { passed: 1, failed: 1 }],
  ['a bad end after good checks', 'ok one\n', 'it was ended after 5 s', { passed: 1, failed: 1 }],
  ['silence as a failure', 'left out without KUBEDOUBLE_CONTROL: one\n', undefined, { passed: 0, failed: 1 }],
  ['no line that only looks like a check', 'okay\n  ok inside\nnot okay\nok one\n', undefined, { passed: 1, failed: 0 }],
])('counts %s', (_what, output, problem, expected) => expect(countChecks(output, problem)).toMatchObject(expected))
