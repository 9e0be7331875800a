import { mappingOf } from "./mapping.ts"
import { makeOpcua } from "./opcua.ts"

/**
 * OPC UA servers of access panels and building systems, each device of a link by its profile. Loading the library takes
 * most of a second, and a busy panel's messages a good part of a core.
 */
export const opcua = { ...makeOpcua(mappingOf), thread: new URL(import.meta.url) }
