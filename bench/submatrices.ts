// `npm run prove:codes`: looks at every square submatrix of the largest supported code's coefficients, 64 processes and
// 8 rows, which hold those of all smaller codes. About a minute; test/parity/code.test.ts has the proof by induction.
import { reedSolomonCode } from '../src/parity/index.ts'
import { countSubmatrices } from '../test/parity/minors.ts'

const startMs = performance.now()
const { all, singular } = countSubmatrices(reedSolomonCode(64, 8), 8)
const seconds = ((performance.now() - startMs) / 1000).toFixed(0)
console.log(`${all.toLocaleString('en')} square submatrices, ${singular} of them singular, ${seconds} s`)
process.exitCode = singular === 0 ? 0 : 1
