import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: 'test/support/built.ts',
    setupFiles: 'test/support/properties.ts',
    // Two cores run everything; processes would cost more than they bring.
    pool: 'threads',
    maxWorkers: 2,
    // Nothing in the house is a singleton: tests may share its modules, which would else be read anew for every file.
    isolate: false,
    testTimeout: 20_000,
  },
})
