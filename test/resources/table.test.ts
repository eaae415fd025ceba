import { expect, it } from 'vitest'
import { contractTable } from '../../src/grpc/contract.js'
import { typesTable } from '../../src/resources/shapes/table.js'

// One character of more than a byte gives every name that is cut from such a text two bytes a character, and V8 then prints, measures and
// sends each object that has one of these names as if all of it were such text.
it('tables of types have no character beyond Latin-1', () => {
  expect(typesTable).not.toMatch(/[\u0100-\uffff]/)
  expect(contractTable).not.toMatch(/[\u0100-\uffff]/)
})
