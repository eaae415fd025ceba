export * from './canonicalize.js'
export * from './defaults.js'
export * from './protobuf.js'
export * from './shape.js'
