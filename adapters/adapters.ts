import type { Adapter } from "./adapter.ts"
import { mqtt } from "./mqtt/mqtt.ts"

/** The catalogue: a new adapter is its own folder and one line here. */
export const adapters: Readonly<Record<string, Adapter<unknown>>> = {
  mqtt: mqtt as unknown as Adapter<unknown>
}
