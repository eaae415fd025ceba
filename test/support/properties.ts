// Properties are tried on other cases in every run, but for the runs that decide whether a change may stay: those repeat the same ones.
import fc from 'fast-check'

if (process.env.CI) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: 20_261_126 })
