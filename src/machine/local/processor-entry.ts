import { fileURLToPath } from 'node:url'

/** The compiled processor: it runs as plain JavaScript, wherever this module itself runs from. */
export const processorEntry = fileURLToPath(new URL('../../../dist/bundles/processor.cjs', import.meta.url))

/** Of a processor: the socket whose other end the launcher watches for the processor's end. */
export const lifelineDescriptor = 3

/** Of NODE_OPTIONS, those with which all processors would listen for a debugger at the same address. */
const inspecting = /(^|\s)--(?:inspect|debug)(?:-[\w-]+)?(?:=\S*|\s+[^-\s]\S*)?(?=\s|$)/g

/**
 * The environment of a processor, out of that of the launcher. `mayConnect`: the program may open connections, and needs
 * the certificates for it; where there are some, reading them takes as long as all else that Node does at its start.
 * `addon`: where the native addon is, so that nobody has to look for it again.
 */
export function processorEnvironment(
  { NODE_EXTRA_CA_CERTS: certificates, ...env }: NodeJS.ProcessEnv,
  { mayConnect, addon }: { readonly mayConnect: boolean; readonly addon: string | null },
): NodeJS.ProcessEnv {
  const options = env.NODE_OPTIONS
  return {
    ...env,
    ...(addon === null ? {} : { PARITAS_ADDON: addon }),
    ...(mayConnect && certificates !== undefined ? { NODE_EXTRA_CA_CERTS: certificates } : {}),
    ...(options === undefined ? {} : { NODE_OPTIONS: options.replace(inspecting, '').trim() }),
  }
}
