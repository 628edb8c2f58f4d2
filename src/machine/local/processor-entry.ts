import { fileURLToPath } from 'node:url'

/** The compiled processor: it runs as plain JavaScript, wherever this module itself runs from. */
export const processorEntry = fileURLToPath(new URL('../../../dist/machine/processor/main.js', import.meta.url))

/** Of a processor: the socket whose other end the launcher watches for the processor's end. */
export const lifelineDescriptor = 3

/** Of NODE_OPTIONS, those with which all processors would listen for a debugger at the same address. */
const inspecting = /(^|\s)--(?:inspect|debug)(?:-[\w-]+)?(?:=\S*|\s+[^-\s]\S*)?(?=\s|$)/g

/** The environment of a processor, out of that of the launcher. */
export function processorEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const options = env.NODE_OPTIONS
  return options === undefined ? env : { ...env, NODE_OPTIONS: options.replace(inspecting, '').trim() }
}
