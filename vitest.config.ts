import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/built.ts',
    // Two cores run everything; processes would cost more than they bring.
    pool: 'threads',
    testTimeout: 20_000,
  },
})
