import { Effect } from "effect"
import type { Adapter, CredentialsRejected, LinkContext } from "../adapter.ts"
import { OpcuaSettings, weaknessesOf } from "./settings.ts"
import type { Mapping } from "./sources.ts"

/**
 * OPC UA: panels and building systems, one server a link. `mappingOf` says what is asked of the server and what it means.
 * The client library is loaded when the first such link starts, and not before.
 */
export const makeOpcua = (
  mappingOf: (settings: OpcuaSettings, context: LinkContext) => Effect.Effect<Mapping, CredentialsRejected>
): Adapter<OpcuaSettings> => ({
  protocol: "opcua",
  hasConditions: true,
  Settings: OpcuaSettings,
  weaknesses: weaknessesOf,
  link: (settings, context) =>
    Effect.gen(function* () {
      const mapping = yield* mappingOf(settings, context)
      const { opcuaLink } = yield* Effect.promise(() => import("./link.ts"))
      return yield* opcuaLink(settings, mapping, context)
    })
})
