import { mappingOf } from "./mapping.ts"
import { makeOpcua } from "./opcua.ts"

/** OPC UA servers of access panels and building systems, each device of a link by its profile. */
export const opcua = makeOpcua(mappingOf)
