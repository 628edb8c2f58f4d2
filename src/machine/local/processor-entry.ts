import { fileURLToPath } from 'node:url'

/** The compiled processor: it runs as plain JavaScript, wherever this module itself runs from. */
export const processorEntry = fileURLToPath(new URL('../../../dist/machine/processor/main.js', import.meta.url))
