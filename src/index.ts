export { type Kubedouble, type KubedoubleOptions, type ServerOptions, StartProblem, startKubedouble } from './testing/index.js'
