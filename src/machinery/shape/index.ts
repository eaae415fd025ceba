export * from './canonicalize.js'
export * from './shape.js'
