// The command from its sources, without a build: `npm run dev -- --secure-port 0`.
import { main } from './main.js'

main(process.argv.slice(2))
