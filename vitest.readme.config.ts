import { defineConfig } from 'vitest/config'

// What README.md and examples/ show, run as it is written there.
export default defineConfig({
  test: { include: ['test/readme/**/*.readme.ts'], globalSetup: 'test/support/built.ts', testTimeout: 120_000, hookTimeout: 120_000 },
})
