export { Manager, type ManagerLogger, type ManagerOptions } from './manager.js'
