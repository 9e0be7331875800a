import { Schema } from "effect"

/**
 * The live connection of an adapter to one device or broker. `Rejected` waits for a person (credentials);
 * `Offline` is retried by the supervisor.
 */
export const LinkState = Schema.TaggedUnion({
  Connecting: {},
  Online: {},
  Offline: { reason: Schema.String },
  Rejected: { reason: Schema.String },
  Stopped: {}
})
export type LinkState = typeof LinkState.Type
