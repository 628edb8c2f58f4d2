import type { ApplicationName, SizeName } from './setting.ts'

/** What one run of a program computes, and about how long that takes on two cores. */
export interface Workload {
  /** A program that ships. */
  readonly program: string
  /** Each `name=value`. */
  readonly sizes: readonly string[]
  readonly expectedSeconds: number
}

type Workloads = Readonly<Record<SizeName, Omit<Workload, 'program'>>>

const applications: Readonly<Record<ApplicationName, Workloads>> = {
  'merge-sort': {
    full: { sizes: ['records=10000000'], expectedSeconds: 4 },
    quick: { sizes: ['records=2000000'], expectedSeconds: 0.9 },
    tiny: { sizes: ['records=20000', 'chunk=1000'], expectedSeconds: 0.1 },
  },
  'matrix-multiplication': {
    full: { sizes: ['n=2629'], expectedSeconds: 3 },
    quick: { sizes: ['n=1200'], expectedSeconds: 0.7 },
    tiny: { sizes: ['n=80'], expectedSeconds: 0.1 },
  },
  'shortest-paths': {
    full: { sizes: ['graphs=300'], expectedSeconds: 4 },
    quick: { sizes: ['graphs=35'], expectedSeconds: 0.8 },
    tiny: { sizes: ['graphs=20'], expectedSeconds: 0.3 },
  },
}

export function workloadOf(application: ApplicationName, size: SizeName): Workload {
  return { program: application, ...applications[application][size] }
}

/** High locality of reference: only the timeout makes checkpoints happen. */
export function timeoutWorkload(size: SizeName): Workload {
  const workloads: Workloads = {
    full: { sizes: ['mebibytes=16', 'requests=4000'], expectedSeconds: 6 },
    quick: { sizes: ['mebibytes=4', 'requests=500'], expectedSeconds: 1 },
    tiny: { sizes: ['mebibytes=1', 'requests=200'], expectedSeconds: 0.3 },
  }
  return { program: 'key-value', ...workloads[size] }
}

/** Changes a share of its pages in each interval, and computes all the time. */
export function changingWorkload(size: SizeName, changedPercent: number, intervalMs: number): Workload {
  const [pages, steps] = ({ full: [8192, 2000], quick: [2048, 250], tiny: [256, 60] } as const)[size]
  return {
    program: 'measure/scattered-writes',
    sizes: [`pages=${pages}`, `steps=${steps}`, `changed=${changedPercent}`, `intervalMs=${intervalMs}`],
    expectedSeconds: steps * 0.004,
  }
}
