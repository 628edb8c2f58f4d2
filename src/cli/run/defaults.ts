/** Of the options of `paritas run`, as one would type them. */
export const defaults = {
  processes: '4',
  tolerate: '1',
  code: 'reed-solomon',
  spares: '1',
  conductors: '1',
  scheme: 'enhanced',
  memory: 'auto',
  buffer: '64MiB',
  every: '10',
} as const
